using Chat.Node.Backplane;
using Chat.Node.Presence;
using Chat.Protocol;
using Chat.Wires;

namespace Chat.Node.Rooms;

/// <summary>
/// One connection in one room. While it catches up, live publications wait here; then it gets what it missed, what waited
/// beyond that, and from then on everything as it comes. On the connection's loop alone.
/// </summary>
internal sealed class Membership(Room room, JoinRequest request, string nodeId, NodeOptions options, TimeProvider time)
{
    private readonly List<(long Version, OutboundFrame Frame)> _told = [];
    private List<(Position Position, OutboundFrame Frame)>? _waiting = [];
    private int _waitingBytes;
    private Position? _answered;
    private bool _ended;
    private bool _live;
    private long _toldVersion;
    private long _typedAt;

    public Room Room => room;

    public WireLoop Loop => request.Loop;

    /// <summary>Kept by <see cref="LoopMembers"/>.</summary>
    public int Place { get; set; } = LoopMembers.Nowhere;

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

    /// <summary>Called in the room's order.</summary>
    /// <param name="shared">The frame's bytes in memory of the loop, when it goes to many.</param>
    public void Deliver(Position position, OutboundFrame frame, SharedBytes? shared = null)
    {
        if (_waiting is not null)
        {
            Wait(position, frame);
        }
        else if (_live && !_ended && IsNew(position))
        {
            Enqueue(frame, shared);
        }
    }

    /// <summary>Nothing is delivered any more: the same connection may join anew, and what it is told then must be the first.</summary>
    public void End() => _ended = true;

    /// <summary>What is no message: comes after the answer to the join, unless that says it already.</summary>
    /// <param name="version">Of the people; <see cref="long.MaxValue"/> for what has none.</param>
    public void Tell(long version, OutboundFrame frame, SharedBytes? shared = null)
    {
        if (_live)
        {
            // What was on its way here while the answer was made is in it.
            if (version > _toldVersion)
            {
                Enqueue(frame, shared);
            }
        }
        else if (_waiting is not null && Fits(frame))
        {
            _told.Add((version, frame));
        }
    }

    /// <summary>What nobody needs to know later.</summary>
    public void TellNow(OutboundFrame frame, SharedBytes? shared = null)
    {
        if (_live)
        {
            Enqueue(frame, shared);
        }
    }

    /// <summary>Queues the answer to the join and what waited beyond it, then lets everything through.</summary>
    /// <returns>False when more came than may wait: read the log again, and try again.</returns>
    public bool TryGoLive(CatchUp read, PresenceSnapshot people, IReadOnlyDictionary<string, long> positions)
    {
        if (_waiting is null)
        {
            (_waiting, _waitingBytes) = ([], 0);
            _told.Clear();
            return false;
        }

        Answer(read, people, positions);
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

    /// <summary>Starts anew from the newest messages. One that is still joining reads the log by itself.</summary>
    public void Reset(CatchUp newest, PresenceSnapshot people)
    {
        if (_live && !TryGoOn(newest))
        {
            Answer(newest, people, positions: null);
        }
    }

    /// <summary>Who has joined this very log, and was given nothing since, lacks nothing but what came since, if that is there.</summary>
    private bool TryGoOn(CatchUp newest)
    {
        if (_answered is not { } answered || answered.Epoch != newest.Top.Epoch || newest.Top.Offset - newest.Messages.Count > answered.Offset)
        {
            return false;
        }

        foreach (var message in newest.Messages.Where(message => message.Position.Offset > answered.Offset))
        {
            Enqueue(OutboundFrame.Text(Encode(message).Span));
        }

        _answered = newest.Top.Offset > answered.Offset ? newest.Top : answered;
        return true;
    }

    private void Answer(CatchUp read, PresenceSnapshot people, IReadOnlyDictionary<string, long>? positions)
    {
        if (!request.Queue.TryEnqueueAnswer(OutboundFrame.Text(EncodeJoined(read, people, positions))))
        {
            request.Overflowed();
        }

        (_answered, _toldVersion) = (read.Top, people.Version);
    }

    /// <param name="positions">Null when they come later.</param>
    private byte[] EncodeJoined(CatchUp read, PresenceSnapshot people, IReadOnlyDictionary<string, long>? positions)
    {
        var joined = new Protocol.Frames.JoinedFrame(
            room.Name, read.Top.Epoch, read.Top.Offset, read.Recovered, Messages: [], people.Members, people.Count, positions);
        return FrameCodec.EncodeJoined(
            joined, [.. read.Messages.Select(Encode)]);
    }

    private ReadOnlyMemory<byte> Encode(Publication message) => Traced ? Hops.Add(message, nodeId, time.GetUtcNow()) : message.Frame;

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

    private void Enqueue(OutboundFrame frame, SharedBytes? shared = null)
    {
        if (!request.Queue.TryEnqueue(frame, shared))
        {
            request.Overflowed();
        }
    }
}
