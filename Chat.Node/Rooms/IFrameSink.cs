namespace Chat.Node.Rooms;

/// <summary>Where a connection's bytes go. One caller at a time.</summary>
internal interface IFrameSink
{
    /// <summary>Writes as much as the peer takes at once; never waits.</summary>
    /// <returns>Bytes taken: 0 when it takes none now. An error shows in the next <see cref="WriteAsync"/>.</returns>
    int TryWrite(ReadOnlySpan<byte> bytes);

    /// <summary>Writes all of it, waiting for the peer.</summary>
    /// <exception cref="IOException">The peer is gone.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}
