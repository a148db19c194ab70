using System.Net;
using System.Net.Sockets;
using Chat.Protocol;

namespace Chat.Tests.Balancer.Support;

internal enum Gray
{
    Not,

    /// <summary>Answers every handshake with 500.</summary>
    Answers500,

    /// <summary>Takes handshakes and never answers.</summary>
    Silent,

    /// <summary>Takes handshakes and closes.</summary>
    ClosesEarly,

    /// <summary>Goes on answering on connections it has, and takes no new one.</summary>
    AcceptsNothing,

    /// <summary>Answers, ten times later than others do.</summary>
    Slow,
}

/// <summary>A node whose probes are well whatever its handshakes do.</summary>
internal sealed class GrayNode : IAsyncDisposable
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly RawNode? _node;
    private readonly Socket? _listener;
    private readonly List<Socket> _waiting = [];
    private readonly Gray _kind;
    private readonly Task _running;
    private int _handshakes;

    public GrayNode(string id, Gray kind)
    {
        (Id, _kind) = (id, kind);
        if (kind == Gray.AcceptsNothing)
        {
            _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(0);
            _running = ServeOneAsync(_listener);
        }
        else
        {
            _node = new RawNode(id);
            _running = ServeAsync(_node);
        }
    }

    public string Id { get; }

    /// <summary>That have come to it.</summary>
    public int Handshakes => Volatile.Read(ref _handshakes);

    public NodeLease Lease => _node?.Lease() ?? new NodeLease(Id, "1", $"http://{_listener!.LocalEndPoint}", NodeState.Ready, 0, 0);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _node?.Dispose();
        _listener?.Dispose();
        _waiting.ForEach(socket => socket.Dispose());
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ServeAsync(RawNode node)
    {
        while (!_stop.IsCancellationRequested)
        {
            var (_, peer) = await node.NextAsync(_stop.Token);
            Interlocked.Increment(ref _handshakes);
            _ = AnswerAsync(peer);
        }
    }

    private async Task AnswerAsync(RawPeer peer)
    {
        try
        {
            switch (_kind)
            {
                case Gray.Answers500:
                    await peer.SendAsync("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
                    break;
                case Gray.Silent:
                    await peer.WaitForEndAsync(_stop.Token);
                    break;
                case Gray.ClosesEarly:
                    break;
                default:
                    await Task.Delay(_kind == Gray.Slow ? Usual * 10 : Usual, TimeProvider.System, _stop.Token);
                    await peer.SendAsync(TestBalancer.WebSocketResponse);
                    await peer.WaitForEndAsync(_stop.Token);
                    break;
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone.
        }

        peer.Dispose();
    }

    /// <summary>The first connection, which is a probe's, is served for ever; then the queue fills and nobody accepts.</summary>
    private async Task ServeOneAsync(Socket listener)
    {
        using var peer = new RawPeer(await listener.AcceptAsync(_stop.Token));
        for (var i = 0; i < 4; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _ = socket.ConnectAsync(listener.LocalEndPoint!);
            _waiting.Add(socket);
        }

        try
        {
            while (true)
            {
                await peer.ReadHeadAsync();
                await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        }
        catch (Exception exception) when (exception is SocketException or EndOfStreamException or OperationCanceledException)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
        }
    }
}
