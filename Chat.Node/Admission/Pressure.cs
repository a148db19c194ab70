using Chat.Node.Backplane.Subscriptions;
using Microsoft.Extensions.Options;

namespace Chat.Node.Admission;

/// <summary>What a node leaves aside when it has too much to do: each is shed together with all that come before it.</summary>
internal enum Load
{
    /// <summary>Nobody misses it.</summary>
    Typing = 1,

    /// <summary>Told later, and more at once.</summary>
    Presence,

    History,

    Joins,

    /// <summary>Last of all.</summary>
    Sends,
}

/// <summary>
/// How much too much a node has to do, by how late it hands on what it hears: once <see cref="NodeOptions.LaneDelayMax"/> for the first
/// thing to be left aside, twice for the first two, and so on. It ends by itself: what is refused makes nothing to hand on.
/// </summary>
internal sealed class Pressure(SubscriptionConnection subscriptions, IOptions<NodeOptions> options)
{
    public bool Sheds(Load load) => subscriptions.LaneDelay >= options.Value.LaneDelayMax * (int)load;
}
