using System.Buffers;
using Chat.Wires;

namespace Chat.Node.Connections;

/// <summary>Frames straight on a wire of the connection's loop.</summary>
internal sealed class WireTransport(Wire wire) : ITransport
{
    private const int LingerBytesMax = 256 * 1024;
    private const int LingerBufferBytes = 4096;
    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(1);

    public WireLoop Loop => wire.Loop;

    public int UnsentBytes => wire.UnsentBytes;

    public bool IsBlocked => wire.IsBlocked;

    public void Queue(ReadOnlyMemory<byte> bytes, SharedBytes? shared)
    {
        // Refused only once the connection is broken, which the reader learns as well.
        _ = shared is null ? wire.Queue(bytes.Span) : wire.Queue(shared);
    }

    public void SendQueued() => wire.SendQueued();

    public int DropQueued() => wire.DropQueued();

    public ValueTask<bool> SentAsync(int unsentMax) => wire.SentAsync(unsentMax);

    public ValueTask ReadableAsync() => wire.ReadableAsync();

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        var receiving = wire.ReceiveAsync(buffer);
        return receiving.IsCompletedSuccessfully ? ValueTask.FromResult(Math.Max(0, receiving.Result)) : ReceiveLaterAsync(receiving);
    }

    public ValueTask NextRequestAsync() => wire.NextRequestAsync();

    public void StopReceiving() => wire.StopReceiving();

    public Task CloseAsync() => CloseAsync(wire);

    /// <summary>A socket that is closed over bytes nobody has read resets the connection, and the peer may lose the close frame that says why.</summary>
    public static async Task CloseAsync(Wire wire)
    {
        using var limit = wire.Loop.DeadlineFor(wire);
        limit.Set(LingerMax);
        var buffer = ArrayPool<byte>.Shared.Rent(LingerBufferBytes);
        wire.ReceiveAgain();
        wire.EndSending();
        for (var left = LingerBytesMax; left > 0;)
        {
            var received = await wire.ReceiveAsync(buffer);
            if (received <= 0)
            {
                break;
            }

            left -= received;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        wire.Dispose();
    }

    private static async ValueTask<int> ReceiveLaterAsync(ValueTask<int> receiving) => Math.Max(0, await receiving);
}
