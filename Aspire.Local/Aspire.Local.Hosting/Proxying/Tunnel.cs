using System.Buffers;
using System.Net.Sockets;

namespace Aspire.Local.Hosting.Proxying;

/// <summary>Moves bytes both ways, untouched. An idle tunnel holds no buffer.</summary>
internal static class Tunnel
{
    private const int BufferBytes = 32_768;

    /// <summary>Returns when both sides have ended. One side may end its half and go on reading.</summary>
    /// <exception cref="SocketException">A side broke off.</exception>
    public static async Task RunAsync(Socket client, Socket server)
    {
        var up = PumpAsync(client, server);
        var down = PumpAsync(server, client);
        var first = await Task.WhenAny(up, down);
        if (!first.IsCompletedSuccessfully)
        {
            client.Dispose();
            server.Dispose();
        }

        await Task.WhenAll(up, down);
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        while (true)
        {
            // Waits without a buffer.
            await from.ReceiveAsync(Memory<byte>.Empty);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                var received = await from.ReceiveAsync(buffer);
                if (received == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                for (var sent = 0; sent < received;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, received - sent));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
