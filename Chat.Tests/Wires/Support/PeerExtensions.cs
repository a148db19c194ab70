using System.Net.Sockets;

namespace Chat.Tests.Wires.Support;

internal static class PeerExtensions
{
    public static async Task<byte[]> ReadExactlyAsync(this Socket peer, int bytes)
    {
        var buffer = new byte[bytes];
        for (var read = 0; read < bytes;)
        {
            var part = await peer.ReceiveAsync(buffer.AsMemory(read), SocketFlags.None, CancellationToken.None);
            Assert.True(part > 0, $"The wire ended after {read} of {bytes} bytes.");
            read += part;
        }

        return buffer;
    }

    public static async Task SendAllAsync(this Socket peer, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await peer.SendAsync(bytes, SocketFlags.None, CancellationToken.None)..];
        }
    }

    /// <summary>Bytes that differ from place to place, so that none can be missing, doubled or elsewhere.</summary>
    public static byte[] Pattern(int bytes, int seed = 1)
    {
        var pattern = new byte[bytes];
        new Random(seed).NextBytes(pattern);
        return pattern;
    }
}
