using Chat.Node.Backplane;
using Chat.Node.Presence;
using Chat.Protocol;

namespace Chat.Node.Rooms;

/// <summary>
/// One connection in one room. While it catches up, live publications wait here; then it gets what it missed, what waited
/// beyond that, and from then on everything as it comes.
/// </summary>
internal sealed class Membership(Room room, JoinRequest request, string nodeId, NodeOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<(long Version, OutboundFrame Frame)> _told = [];
    private List<(Position Position, OutboundFrame Frame)>? _waiting = [];
    private int _waitingBytes;
    private Position? _answered;
    private bool _ended;
    private volatile bool _live;
    private long _typedAt;

    public Room Room => room;

    public string Connection => request.Connection;

    public string User => request.User;

    public bool Traced => request.Traced;

    /// <summary>Something waits for this member.</summary>
    public bool IsBehind => request.Queue.IsBehind;

    /// <summary>The user is writing. Only the connection's read loop calls it.</summary>
    public void Type()
    {
        if (_typedAt == 0 || time.GetElapsedTime(_typedAt) >= options.TypingPeriod)
        {
            _typedAt = time.GetTimestamp();
            room.Presence.Type(User);
        }
    }

    /// <summary>Called in the room's order, by one thread at a time.</summary>
    public void Deliver(Position position, OutboundFrame frame)
    {
        lock (_gate)
        {
            if (_waiting is not null)
            {
                Wait(position, frame);
            }
            else if (_live && !_ended && IsNew(position))
            {
                Enqueue(frame);
            }
        }
    }

    /// <summary>Nothing is delivered any more once this has returned: the same connection may join anew, and what it is told then must be the first.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
        }
    }

    /// <summary>What is no message: comes after the answer to the join, unless that says it already.</summary>
    public void Tell(long version, OutboundFrame frame)
    {
        if (!_live)
        {
            lock (_gate)
            {
                if (!_live)
                {
                    if (_waiting is not null && Fits(frame))
                    {
                        _told.Add((version, frame));
                    }

                    return;
                }
            }
        }

        Enqueue(frame);
    }

    /// <summary>What nobody needs to know later.</summary>
    public void TellNow(OutboundFrame frame)
    {
        if (_live)
        {
            Enqueue(frame);
        }
    }

    /// <summary>Queues the answer to the join and what waited beyond it, then lets everything through.</summary>
    /// <returns>False when more came than may wait: read the log again, and try again.</returns>
    public bool TryGoLive(CatchUp read, PresenceSnapshot people, IReadOnlyDictionary<string, long> positions)
    {
        lock (_gate)
        {
            if (_waiting is null)
            {
                (_waiting, _waitingBytes) = ([], 0);
                _told.Clear();
                return false;
            }

            Enqueue(OutboundFrame.Text(EncodeJoined(read, people, positions)));
            _answered = read.Top;
            foreach (var (position, frame) in _waiting)
            {
                if (IsNew(position))
                {
                    Enqueue(frame);
                }
            }

            foreach (var (version, frame) in _told)
            {
                if (version > people.Version)
                {
                    Enqueue(frame);
                }
            }

            _waiting = null;
            _told.Clear();
            _live = true;
            return true;
        }
    }

    /// <summary>Starts anew from the newest messages. One that is still joining reads the log by itself.</summary>
    public void Reset(CatchUp newest, PresenceSnapshot people)
    {
        lock (_gate)
        {
            if (_live)
            {
                Enqueue(OutboundFrame.Text(EncodeJoined(newest, people, positions: null)));
                _answered = newest.Top;
            }
        }
    }

    /// <param name="positions">Null when they come later.</param>
    private byte[] EncodeJoined(CatchUp read, PresenceSnapshot people, IReadOnlyDictionary<string, long>? positions)
    {
        var joined = new Protocol.Frames.JoinedFrame(
            room.Name, read.Top.Epoch, read.Top.Offset, read.Recovered, Messages: [], people.Members, people.Count, positions);
        return FrameCodec.EncodeJoined(
            joined, [.. read.Messages.Select(message => Traced ? Hops.Add(message, nodeId, time.GetUtcNow()) : message.Frame)]);
    }

    // The log is read past what has come by subscription: what the answer has already still comes, some time after it.
    private bool IsNew(Position position)
    {
        // What has no number cannot have been in the log.
        if (_answered is null || position.Offset == Position.Unnumbered)
        {
            return true;
        }

        if (position.Epoch == _answered.Epoch && position.Offset <= _answered.Offset)
        {
            return false;
        }

        _answered = null;
        return true;
    }

    private void Wait(Position position, OutboundFrame frame)
    {
        if (Fits(frame))
        {
            _waiting!.Add((position, frame));
        }
    }

    private bool Fits(OutboundFrame frame)
    {
        _waitingBytes += frame.Bytes.Length;
        if (_waitingBytes > options.OutboundBytesMax)
        {
            _waiting = null;
            return false;
        }

        return true;
    }

    private void Enqueue(OutboundFrame frame)
    {
        if (!request.Queue.TryEnqueue(frame))
        {
            request.Overflowed();
        }
    }
}
