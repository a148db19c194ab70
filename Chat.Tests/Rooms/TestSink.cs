using Chat.Node.Rooms;

namespace Chat.Tests.Rooms;

/// <summary>A peer that takes as much at once as it is told to, and fails a test that lets two write to it at a time.</summary>
/// <param name="takes">Bytes that each write at once takes, in turn; the longer of them all.</param>
/// <param name="breaksAfter">Bytes after which the peer is gone; null for never.</param>
internal sealed class TestSink(int[] takes, int? breaksAfter = null) : IFrameSink
{
    private readonly List<byte> _taken = [];
    private int _writers;
    private int _writes;

    public byte[] Taken => [.. _taken];

    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        Enter();
        var taken = IsBroken ? 0 : Math.Min(bytes.Length, takes[_writes++ % takes.Length]);
        _taken.AddRange(bytes[..taken]);
        Exit();
        return taken;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Enter();
        if (takes[_writes++ % takes.Length] % 2 == 0)
        {
            await Task.Yield();
        }

        if (IsBroken)
        {
            Exit();
            throw new IOException("The peer is gone.");
        }

        _taken.AddRange(bytes.Span);
        Exit();
    }

    private bool IsBroken => _taken.Count >= breaksAfter;

    private void Enter() => Assert.Equal(1, Interlocked.Increment(ref _writers));

    private void Exit() => Interlocked.Decrement(ref _writers);
}
