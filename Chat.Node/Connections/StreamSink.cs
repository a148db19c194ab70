using Chat.Node.Rooms;

namespace Chat.Node.Connections;

/// <summary>Writes through a stream: where the bytes are encrypted, or the server owns the socket.</summary>
internal sealed class StreamSink(Stream output) : IFrameSink
{
    public int TryWrite(ReadOnlySpan<byte> bytes) => 0;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await output.WriteAsync(bytes, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }
}
