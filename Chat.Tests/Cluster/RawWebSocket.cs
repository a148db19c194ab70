using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Support;

namespace Chat.Tests.Cluster;

/// <summary>A WebSocket written byte by byte, for what no client library would do.</summary>
internal sealed class RawWebSocket : IDisposable
{
    private const double PatienceSeconds = 20;
    private const byte CloseOpcode = 0x8;

    private readonly NetworkStream _stream;

    private RawWebSocket(Socket socket) => _stream = new NetworkStream(socket, ownsSocket: true);

    /// <param name="receiveBytes">What the kernel may hold for a reader that does not read; null for its own choice.</param>
    /// <param name="pieces">In which the request comes.</param>
    /// <param name="afterRequest">The same connection carries a request for nothing that exists first.</param>
    public static async Task<RawWebSocket> ConnectAsync(Uri url, string token, int? receiveBytes = null, int pieces = 1, bool afterRequest = false)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBytes is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(IPAddress.Loopback, url.Port);
        var raw = new RawWebSocket(socket);
        if (afterRequest)
        {
            await raw.SendAsync("GET /nowhere HTTP/1.1\r\nHost: chat\r\n\r\n"u8.ToArray());
            Assert.StartsWith("HTTP/1.1 404", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        }

        var request = Encoding.ASCII.GetBytes(
            $"GET /ws?access_token={token} HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
        foreach (var piece in request.Chunk((request.Length + pieces - 1) / pieces))
        {
            await raw.SendAsync(piece);
        }

        Assert.StartsWith("HTTP/1.1 101", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        return raw;
    }

    /// <summary>One frame of a client.</summary>
    /// <param name="first">FIN, reserved bits, opcode: 0x81 is a whole text.</param>
    public static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] length = payload.Length switch
        {
            <= 125 => [(byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [0x80 | 127, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length],
        };

        // A mask of zeros is a mask.
        return [first, .. length, 0, 0, 0, 0, .. payload];
    }

    public Task SendAsync(byte[] bytes) => Within.Seconds(
        PatienceSeconds, token => _stream.WriteAsync(bytes, token).AsTask(), $"{bytes.Length} bytes are taken");

    public Task SendTextAsync(string text) => SendAsync(Frame(0x81, Encoding.UTF8.GetBytes(text)));

    public Task SendAsync(ClientFrame frame) => SendAsync(Frame(0x81, FrameCodec.Encode(frame)));

    /// <returns>The next frame, or the code of the close frame.</returns>
    public async Task<(ServerFrame? Frame, int? CloseCode)> ReadAsync()
    {
        var header = await ReadAsync(2);
        var length = (header[1] & 0x7F) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2)),
            127 => (int)BinaryPrimitives.ReadUInt64BigEndian(await ReadAsync(8)),
            var small => small,
        };
        var payload = await ReadAsync(length);
        return (header[0] & 0x0F) == CloseOpcode
            ? (null, BinaryPrimitives.ReadUInt16BigEndian(payload))
            : (FrameCodec.DecodeServer(payload, out _), null);
    }

    /// <summary>Leaves aside what is no such frame.</summary>
    public async Task<T> ReadAsync<T>()
        where T : ServerFrame
    {
        while (true)
        {
            var (frame, code) = await ReadAsync();
            Assert.Null(code);
            if (frame is T wanted)
            {
                return wanted;
            }
        }
    }

    /// <summary>Reads to the close frame.</summary>
    /// <returns>Its code, and the frames before it.</returns>
    public async Task<(int Code, IReadOnlyList<ServerFrame> Before)> ReadToCloseAsync()
    {
        var before = new List<ServerFrame>();
        while (true)
        {
            var (frame, code) = await ReadAsync();
            if (code is { } closed)
            {
                return (closed, before);
            }

            before.Add(frame!);
        }
    }

    /// <summary>Reads as much as has come, up to so many bytes, and forgets it.</summary>
    /// <returns>0 when the peer has ended.</returns>
    public Task<int> SkipAsync(int bytesMax, double seconds = PatienceSeconds) => Within.Seconds(
        seconds, token => _stream.ReadAsync(new byte[bytesMax], token).AsTask(), "something more, or the end");

    public void Dispose() => _stream.Dispose();

    private async Task<string> ReadHeadAsync()
    {
        var head = new List<byte>();
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            head.AddRange(await ReadAsync(1));
        }

        return Encoding.ASCII.GetString([.. head]);
    }

    private Task<byte[]> ReadAsync(int count) => Within.Seconds(
        PatienceSeconds,
        async token =>
        {
            var bytes = new byte[count];
            await _stream.ReadExactlyAsync(bytes, token);
            return bytes;
        },
        $"{count} bytes more");
}
