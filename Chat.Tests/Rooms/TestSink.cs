using Chat.Node.Rooms;
using Chat.Wires;

namespace Chat.Tests.Rooms;

/// <summary>A peer that takes as many bytes as it is told to, and no more.</summary>
/// <param name="takes">Bytes that it takes before it is freed.</param>
internal sealed class TestSink(int takes = int.MaxValue) : IFrameSink
{
    private readonly Queue<ReadOnlyMemory<byte>> _queued = new();
    private readonly List<byte> _taken = [];
    private TaskCompletionSource<bool>? _waiting;
    private int _waitingFor;
    private bool _started;
    private bool _gone;

    public byte[] Taken => [.. _taken];

    public int UnsentBytes { get; private set; }

    public bool IsBlocked { get; private set; }

    /// <summary>How often it was asked to take at once what a turn had gathered.</summary>
    public int Flushes { get; private set; }

    public void Queue(ReadOnlyMemory<byte> bytes, SharedBytes? shared)
    {
        if (!_gone)
        {
            _queued.Enqueue(bytes);
            UnsentBytes += bytes.Length;
        }
    }

    /// <summary>What a loop does at the end of its turn.</summary>
    public void EndTurn()
    {
        while (takes > 0 && _queued.TryPeek(out var next))
        {
            var part = next[..Math.Min(takes, next.Length)];
            takes -= part.Length;
            UnsentBytes -= part.Length;
            _taken.AddRange(part.Span);
            _queued.Dequeue();
            _started = part.Length < next.Length;
            if (_started)
            {
                var rest = _queued.ToArray();
                _queued.Clear();
                foreach (var bytes in (ReadOnlyMemory<byte>[])[next[part.Length..], .. rest])
                {
                    _queued.Enqueue(bytes);
                }
            }
        }

        IsBlocked = UnsentBytes > 0;
        if (_waiting is { } waiting && UnsentBytes <= _waitingFor)
        {
            _waiting = null;
            waiting.SetResult(true);
        }
    }

    /// <summary>The peer takes so many more.</summary>
    public void Free(int bytes)
    {
        takes += bytes;
        EndTurn();
    }

    /// <summary>The peer is gone.</summary>
    public void Break()
    {
        _gone = true;
        _queued.Clear();
        UnsentBytes = 0;
        _waiting?.SetResult(false);
    }

    public void SendQueued()
    {
        Flushes++;
        EndTurn();
    }

    public int DropQueued()
    {
        var kept = _started ? _queued.Dequeue() : default;
        var dropped = UnsentBytes - kept.Length;
        _queued.Clear();
        UnsentBytes = kept.Length;
        if (_started)
        {
            _queued.Enqueue(kept);
        }

        return dropped;
    }

    public ValueTask<bool> SentAsync(int unsentMax)
    {
        if (UnsentBytes <= unsentMax || _gone)
        {
            return ValueTask.FromResult(!_gone);
        }

        Assert.Null(_waiting);
        (_waiting, _waitingFor) = (new TaskCompletionSource<bool>(), unsentMax);
        return new ValueTask<bool>(_waiting.Task);
    }
}
