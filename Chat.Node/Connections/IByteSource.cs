namespace Chat.Node.Connections;

/// <summary>Where a connection's bytes come from. One reader.</summary>
internal interface IByteSource
{
    /// <summary>Completes when there may be something to receive. Holds no buffer meanwhile.</summary>
    ValueTask ReadableAsync();

    /// <returns>The number of bytes; 0 when no more come.</returns>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);
}
