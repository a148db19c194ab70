using Chat.Node.Backplane;
using Chat.Protocol;

namespace Chat.Node.Rooms;

/// <summary>
/// One connection in one room. While it catches up, live publications wait here; then it gets what it missed, what waited
/// beyond that, and from then on everything as it comes.
/// </summary>
/// <param name="overflowed">Called when the connection's queue is full.</param>
/// <param name="traced">It asked for hops.</param>
internal sealed class Membership(
    Room room, OutboundQueue queue, string nodeId, bool traced, int waitingBytesMax, TimeProvider time, Action overflowed)
{
    private readonly Lock _gate = new();
    private List<(Position Position, OutboundFrame Frame)>? _waiting = [];
    private int _waitingBytes;
    private volatile bool _live;

    public Room Room => room;

    public bool Traced => traced;

    /// <summary>Called in the room's order, by one thread at a time.</summary>
    public void Deliver(Position position, OutboundFrame frame)
    {
        if (_live)
        {
            Enqueue(frame);
            return;
        }

        lock (_gate)
        {
            if (_waiting is not null)
            {
                Wait(position, frame);
                return;
            }
        }

        // It went live, or over its limit, while we waited for the gate.
        if (_live)
        {
            Enqueue(frame);
        }
    }

    /// <summary>Queues the answer to the join and what waited beyond it, then lets everything through.</summary>
    /// <returns>False when more came than may wait: read the log again, and try again.</returns>
    public bool TryGoLive(CatchUp read)
    {
        lock (_gate)
        {
            if (_waiting is null)
            {
                (_waiting, _waitingBytes) = ([], 0);
                return false;
            }

            Enqueue(OutboundFrame.Text(EncodeJoined(read)));
            foreach (var (position, frame) in _waiting)
            {
                // What has no number cannot have been in the log.
                if (position.Epoch != read.Top.Epoch || position.Offset > read.Top.Offset || position.Offset == Position.Unnumbered)
                {
                    Enqueue(frame);
                }
            }

            _waiting = null;
            _live = true;
            return true;
        }
    }

    /// <summary>Starts anew from the newest messages. One that is still joining reads the log by itself.</summary>
    public void Reset(CatchUp newest)
    {
        lock (_gate)
        {
            if (_live)
            {
                Enqueue(OutboundFrame.Text(EncodeJoined(newest)));
            }
        }
    }

    private byte[] EncodeJoined(CatchUp read)
    {
        var joined = new Protocol.Frames.JoinedFrame(
            room.Name, read.Top.Epoch, read.Top.Offset, read.Recovered, Messages: []);
        return FrameCodec.EncodeJoined(
            joined, [.. read.Messages.Select(message => traced ? Hops.Add(message, nodeId, time.GetUtcNow()) : message.Frame)]);
    }

    private void Wait(Position position, OutboundFrame frame)
    {
        _waitingBytes += frame.Bytes.Length;
        if (_waitingBytes > waitingBytesMax)
        {
            _waiting = null;
            return;
        }

        _waiting!.Add((position, frame));
    }

    private void Enqueue(OutboundFrame frame)
    {
        if (!queue.TryEnqueue(frame))
        {
            overflowed();
        }
    }
}
