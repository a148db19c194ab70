namespace Chat.Balancer.Wires;

/// <summary>
/// A wire as the stream that TLS wants underneath. A read into no bytes waits without a buffer, as on a socket. Its waits go on without the
/// loop's context, so that what TLS does with the bytes stays on the loop's thread instead of going to the pool.
/// </summary>
internal sealed class WireStream(Wire wire) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Something in TLS may have gone on in the pool after all.
        await wire.Loop.EnterAsync();
        if (buffer.IsEmpty)
        {
            await wire.ReadableAsync().ConfigureAwait(false);
            return 0;
        }

        var received = await wire.ReceiveAsync(buffer).ConfigureAwait(false);
        return received >= 0 ? received : throw new IOException("The peer reset the connection.");
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await wire.Loop.EnterAsync();
        if (!await wire.SendAsync(buffer).ConfigureAwait(false))
        {
            throw new IOException("The peer reset the connection.");
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
