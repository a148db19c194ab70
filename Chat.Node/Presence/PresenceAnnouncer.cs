using Chat.Protocol.Frames;

namespace Chat.Node.Presence;

/// <summary>
/// What the members of a room are told of each other: names while they are few, and only how many once they are not, since
/// N people who come to a room of N are N² names. Not safe for several threads.
/// </summary>
internal sealed class PresenceAnnouncer(string room, int membersListedMax)
{
    private bool _counted;

    /// <summary>Members are told numbers. They get names back once the room is well below the limit, so that it does not flicker.</summary>
    public bool IsCounted { get; private set; }

    /// <summary>For a member who comes now. From here on a room that has grown big is told in numbers.</summary>
    /// <returns>The names, or null and how many.</returns>
    public (IReadOnlyList<string>? Members, int? Count) Describe(PresenceView view)
    {
        IsCounted |= view.UserCount > membersListedMax;
        if (!IsCounted)
        {
            view.NoteShown();
        }

        return IsCounted ? (null, view.UserCount) : ([.. view.Users], null);
    }

    /// <returns>What has changed since the last call; null when it is nothing.</returns>
    public PresenceFrame? Next(PresenceView view)
    {
        var touched = view.HasChanges;
        var (joined, left) = view.TakeChanges();
        IsCounted = view.UserCount > (IsCounted ? membersListedMax * 3 / 4 : membersListedMax);
        var turned = IsCounted != _counted;
        _counted = IsCounted;
        return (turned, IsCounted) switch
        {
            (true, false) => new PresenceFrame(room, [.. view.Users], [], view.UserCount),
            (true, true) => new PresenceFrame(room, [], [], view.UserCount),
            (false, true) when joined.Count != left.Count => new PresenceFrame(room, [], [], view.UserCount),
            (false, false) when touched && joined.Count + left.Count > 0 => new PresenceFrame(room, joined, left),
            _ => null,
        };
    }
}
