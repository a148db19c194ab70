using System.Net.WebSockets;
using System.Threading.Channels;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>One WebSocket that speaks frames: one reader, any number of writers.</summary>
/// <param name="configure">Changes the options of the socket before it connects.</param>
internal sealed class FrameSocket(Action<ClientWebSocketOptions>? configure = null) : IFrameSocket
{
    private const int ReadBytes = 16 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly Channel<byte[]> _outgoing = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStream _message = new();
    private readonly byte[] _buffer = new byte[ReadBytes];
    private Task _writing = Task.CompletedTask;

    public int? CloseCode => (int?)_socket.CloseStatus;

    public async Task ConnectAsync(Uri url, string token, CancellationToken cancellationToken)
    {
        var scheme = url.Scheme is "https" or "wss" ? "wss" : "ws";
        _socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        configure?.Invoke(_socket.Options);
        await _socket.ConnectAsync(new UriBuilder(url) { Scheme = scheme, Path = "/ws" }.Uri, cancellationToken).ConfigureAwait(false);
        _writing = WriteAsync();
    }

    public void Send(ClientFrame frame) => _outgoing.Writer.TryWrite(FrameCodec.Encode(frame));

    public async Task<ServerFrame?> ReadAsync(int bytesMax, CancellationToken cancellationToken)
    {
        while (true)
        {
            _message.SetLength(0);
            ValueWebSocketReceiveResult read;
            do
            {
                read = await _socket.ReceiveAsync(_buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                if (_message.Length + read.Count > bytesMax)
                {
                    throw new InvalidDataException($"A frame has more than {bytesMax} bytes.");
                }

                _message.Write(_buffer, 0, read.Count);
            }
            while (!read.EndOfMessage);

            // A frame this version does not know is not for us.
            if (FrameCodec.DecodeServer(_message.GetBuffer().AsSpan(0, (int)_message.Length), out _) is { } frame)
            {
                return frame;
            }
        }
    }

    public async Task CloseAsync(TimeSpan timeout, TimeProvider time)
    {
        _outgoing.Writer.TryComplete();
        using var limit = new CancellationTokenSource(timeout, time);
        try
        {
            await _writing.WaitAsync(limit.Token).ConfigureAwait(false);
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            _socket.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _outgoing.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _message.Dispose();
        _stop.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var bytes in _outgoing.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                await _socket.SendAsync(bytes.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            // The reader sees the same end, and says what it was.
        }
    }
}
