using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>What a room has shown so far, and what may be shown next. Not safe for several threads.</summary>
/// <param name="after">Where an earlier run has ended; null to begin with the newest.</param>
internal sealed class Timeline(Position? after = null)
{
    /// <summary>Everything up to here was shown; null before the first <c>joined</c>.</summary>
    public Position? Last { get; private set; } = after;

    /// <summary>True after a hole, until the next <c>joined</c>: live messages are left aside, since the answer brings them.</summary>
    public bool Rejoining { get; private set; } = after is not null;

    /// <returns>Whether to show it. When not, and <see cref="Rejoining"/> has become true, ask again from <see cref="Last"/>.</returns>
    public bool Apply(MessageFrame message)
    {
        if (Last is null || Rejoining)
        {
            return false;
        }

        if (message.Offset == Position.Unnumbered)
        {
            return true;
        }

        if (message.Epoch != Last.Epoch || message.Offset > Last.Offset + 1)
        {
            Rejoining = true;
            return false;
        }

        if (message.Offset <= Last.Offset)
        {
            return false;
        }

        Last = new Position(message.Epoch, message.Offset);
        return true;
    }

    /// <summary>The connection is gone: nothing is live until the next <c>joined</c>.</summary>
    public void Disconnect() => Rejoining = Last is not null;

    /// <returns>What to show, in order.</returns>
    public IReadOnlyList<RoomEvent> Apply(JoinedFrame joined)
    {
        var before = Last;
        var top = new Position(joined.Epoch, joined.Offset);
        Last = top;
        Rejoining = false;
        if (before is null)
        {
            return [.. joined.Messages.Select(message => new MessageReceived(message))];
        }

        if (!joined.Recovered)
        {
            return [new ContinuityLost(before, top), .. joined.Messages.Select(message => new MessageReceived(message))];
        }

        return [.. joined.Messages.Where(message => message.Offset > before.Offset).Select(message => new MessageReceived(message))];
    }
}
