using System.Net.WebSockets;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Support;

namespace Chat.Tests.Presence.Support;

/// <summary>A client that does nothing by itself but answer pings, and remembers every frame it gets.</summary>
internal sealed class FramePeer : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly Lock _gate = new();
    private readonly List<ServerFrame> _frames = [];
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;
    private bool _ended;

    /// <summary>The node's close code; null while the connection stands.</summary>
    public int? CloseCode { get; private set; }

    public IReadOnlyList<ServerFrame> Frames
    {
        get
        {
            lock (_gate)
            {
                return [.. _frames];
            }
        }
    }

    public static async Task<FramePeer> ConnectAsync(Uri url, string token, string? balancer = null)
    {
        var peer = new FramePeer();
        peer._socket.Options.SetRequestHeader(NodeControlCodec.BalancerHeader, balancer);
        peer._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await Within.Seconds(10, cancellation => peer._socket.ConnectAsync(new UriBuilder(url) { Scheme = "ws", Path = "/ws" }.Uri, cancellation));
        peer._reading = peer.ReadAsync();
        return peer;
    }

    public async Task SendAsync(ClientFrame frame) =>
        await _socket.SendAsync(FrameCodec.Encode(frame).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, _stop.Token);

    /// <summary>Joins and gives the answer, and forgets what came before it.</summary>
    public async Task<JoinedFrame> JoinAsync(string room)
    {
        await SendAsync(new JoinFrame(room));
        return await NextAsync<JoinedFrame>(joined => joined.Room == room);
    }

    /// <summary>The first frame of this kind since the last one waited for.</summary>
    public Task<T> NextAsync<T>(Func<T, bool>? match = null, double seconds = 10)
        where T : ServerFrame =>
        Within.Seconds(
            seconds,
            async token =>
            {
                while (true)
                {
                    Task changed;
                    lock (_gate)
                    {
                        var at = _frames.FindIndex(frame => frame is T wanted && (match is null || match(wanted)));
                        if (at >= 0)
                        {
                            var found = (T)_frames[at];
                            _frames.RemoveRange(0, at + 1);
                            return found;
                        }

                        changed = _changed.Task;
                    }

                    await changed.WaitAsync(token);
                }
            },
            $"a {typeof(T).Name}");

    public Task<int?> ClosedAsync(double seconds = 10) =>
        Within.Seconds(
            seconds,
            async token =>
            {
                await _reading.WaitAsync(token);
                return CloseCode;
            },
            "the node closes the connection");

    /// <summary>Goes away without a word.</summary>
    public void Cut() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 20];
        try
        {
            while (!_ended)
            {
                var length = 0;
                ValueWebSocketReceiveResult read;
                do
                {
                    read = await _socket.ReceiveAsync(buffer.AsMemory(length), _stop.Token);
                    length += read.Count;
                }
                while (!read.EndOfMessage);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    CloseCode = (int?)_socket.CloseStatus;
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stop.Token);
                    return;
                }

                await TakeAsync(FrameCodec.DecodeServer(buffer.AsSpan(0, length), out _)!);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            _ended = true;
        }
    }

    private async Task TakeAsync(ServerFrame frame)
    {
        if (frame is PingFrame)
        {
            await SendAsync(new PongFrame());
            return;
        }

        lock (_gate)
        {
            _frames.Add(frame);
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
