using Chat.Wires;

namespace Chat.Node.Rooms;

/// <summary>Where a connection's bytes go. On the connection's loop alone; nothing here waits, unless it says so.</summary>
internal interface IFrameSink
{
    /// <summary>Queued and not in the kernel yet. For looking on also from elsewhere.</summary>
    int UnsentBytes { get; }

    /// <summary>The peer takes nothing now: what is queued waits for it. For looking on also from elsewhere.</summary>
    bool IsBlocked { get; }

    /// <summary>Queues bytes for the end of the loop's turn. Once the peer is gone they are forgotten.</summary>
    /// <param name="bytes">Nobody may change them. They go whole, or not at all.</param>
    /// <param name="shared">The same bytes where this loop's wires send them from without a copy; null when they are for this peer alone.</param>
    void Queue(ReadOnlyMemory<byte> bytes, SharedBytes? shared);

    /// <summary>Sends what is queued now, as far as the peer takes it at once: for a turn that has gathered a lot.</summary>
    void SendQueued();

    /// <summary>Takes back what was queued, but nothing of which the peer has a part.</summary>
    /// <returns>Bytes that will not be sent.</returns>
    int DropQueued();

    /// <summary>Completes when no more than so many bytes are unsent. One waiter at a time.</summary>
    /// <returns>False when the peer is gone.</returns>
    ValueTask<bool> SentAsync(int unsentMax);
}
