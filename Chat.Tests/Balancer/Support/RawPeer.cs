using System.Net.Sockets;
using System.Text;

namespace Chat.Tests.Balancer.Support;

/// <summary>One TCP connection spoken byte by byte: a client of the balancer, or the node's end of what it forwards.</summary>
internal sealed class RawPeer(Socket socket) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<byte> _received = [];

    public Socket Socket { get; } = socket;

    public static async Task<RawPeer> ConnectAsync(System.Net.IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        return new RawPeer(socket);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes)
    {
        using var limit = new CancellationTokenSource(Patience);
        for (var rest = bytes.AsMemory(); !rest.IsEmpty;)
        {
            rest = rest[await Socket.SendAsync(rest, limit.Token)..];
        }
    }

    /// <summary>Reads up to and with the empty line.</summary>
    public Task<string> ReadHeadAsync() => ReadUntilAsync("\r\n\r\n");

    public async Task<string> ReadUntilAsync(string end)
    {
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. _received]);
            var index = text.IndexOf(end, StringComparison.Ordinal);
            if (index >= 0)
            {
                _received.RemoveRange(0, index + end.Length);
                return text[..(index + end.Length)];
            }

            if (await ReceiveAsync() == 0)
            {
                throw new EndOfStreamException($"The end came before {end.ReplaceLineEndings("\\n")}: {text}");
            }
        }
    }

    public async Task<string> ReadAsync(int count)
    {
        while (_received.Count < count)
        {
            if (await ReceiveAsync() == 0)
            {
                throw new EndOfStreamException($"The end came after {_received.Count} of {count} bytes");
            }
        }

        var text = Encoding.Latin1.GetString([.. _received.Take(count)]);
        _received.RemoveRange(0, count);
        return text;
    }

    /// <summary>Reads until the peer has ended its sending.</summary>
    /// <exception cref="SocketException">The peer reset the connection instead.</exception>
    public async Task<string> ReadToEndAsync()
    {
        while (await ReceiveAsync() > 0)
        {
            // On to the end.
        }

        var text = Encoding.Latin1.GetString([.. _received]);
        _received.Clear();
        return text;
    }

    /// <summary>Waits for the peer's reset.</summary>
    public async Task<bool> IsResetAsync()
    {
        try
        {
            await ReadToEndAsync();
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    /// <summary>Waits, for as long as it takes, until the peer sends something or ends.</summary>
    public async Task WaitForEndAsync(CancellationToken cancellationToken) =>
        await Socket.ReceiveAsync(new byte[1].AsMemory(), cancellationToken);

    public void EndSending() => Socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        Socket.Dispose();
    }

    public void Dispose() => Socket.Dispose();

    private async Task<int> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var buffer = new byte[65536];
        var received = await Socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
        _received.AddRange(buffer.AsSpan(0, received));
        return received;
    }
}
