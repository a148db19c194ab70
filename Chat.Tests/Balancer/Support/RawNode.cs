using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Chat.Protocol;

namespace Chat.Tests.Balancer.Support;

/// <summary>A node that answers probes by itself and hands every other request, head read, to the test.</summary>
internal sealed class RawNode : IDisposable
{
    private readonly Channel<(string Head, RawPeer Peer)> _requests = Channel.CreateUnbounded<(string, RawPeer)>();
    private readonly Socket _listener;
    private volatile bool _ready = true;
    private volatile bool _paused;

    public RawNode(string id, int port = 0)
    {
        Id = id;
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = AcceptAsync();
    }

    public string Id { get; }

    public int Port { get; }

    /// <summary>What the probes are told.</summary>
    public bool Ready
    {
        get => _ready;
        set => _ready = value;
    }

    /// <summary>As under SIGSTOP: the kernel takes connections, nobody answers.</summary>
    public bool Paused
    {
        get => _paused;
        set => _paused = value;
    }

    /// <summary>Requests that have come and that no test has taken.</summary>
    public int Waiting => _requests.Reader.Count;

    public NodeLease Lease(NodeState state = NodeState.Ready, int connections = 0) =>
        new(Id, "1", $"http://127.0.0.1:{Port}", state, connections, 0);

    public async Task<(string Head, RawPeer Peer)> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await _requests.Reader.ReadAsync(limit.Token);
    }

    /// <summary>Waits as long as it takes.</summary>
    public ValueTask<(string Head, RawPeer Peer)> NextAsync(CancellationToken cancellationToken) =>
        _requests.Reader.ReadAsync(cancellationToken);

    /// <summary>Takes the next request and answers it.</summary>
    public async Task<(string Head, RawPeer Peer)> AnswerAsync(string response)
    {
        var request = await NextAsync();
        await request.Peer.SendAsync(response);
        return request;
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(new RawPeer(await _listener.AcceptAsync()));
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(RawPeer peer)
    {
        try
        {
            while (true)
            {
                var head = await peer.ReadHeadAsync();
                if (!head.StartsWith("GET /health/ready ", StringComparison.Ordinal))
                {
                    await _requests.Writer.WriteAsync((head, peer));
                    return;
                }

                while (_paused)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
                }

                await peer.SendAsync(_ready
                    ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                    : "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
            }
        }
        catch (Exception exception) when (exception is SocketException or EndOfStreamException or OperationCanceledException)
        {
            peer.Dispose();
        }
    }
}
