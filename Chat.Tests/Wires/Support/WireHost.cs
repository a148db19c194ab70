using System.Net;
using System.Net.Sockets;
using Chat.Wires;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chat.Tests.Wires.Support;

/// <summary>One loop with a listening socket. The peers are the runtime's sockets: what an engine does is held against another's view of it.</summary>
internal sealed class WireHost : IDisposable
{
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(60);

    private readonly WireLoops _loops;

    /// <summary>One that a test does not name would be collected, and closed by it.</summary>
    private readonly List<Socket> _peers = [];

    private WireHost(WireLoops loops) => _loops = loops;

    public WireLoop Loop => _loops.All[0];

    public WireListener Listener { get; private set; } = null!;

    public static WireHost Start(WireEngine engine, WireOptions? options = null, TimeProvider? clock = null, ILogger? logger = null)
    {
        Engines.Require(engine);
        var settings = (options ?? new WireOptions()) with { Engine = engine, Loops = 1 };
        var host = new WireHost(WireLoops.Start(settings, clock ?? TimeProvider.System, logger ?? NullLogger.Instance));
        host.Loop.RunAsync(() =>
        {
            host.Listener = host.Loop.Listen(WireListener.Bind(new IPEndPoint(IPAddress.Loopback, 0), 4096, shared: false));
            return Task.CompletedTask;
        }).Wait(Most);
        return host;
    }

    /// <summary>Runs a test's lines on the loop, and fails when they do not come to their end.</summary>
    public Task RunAsync(Func<Task> lines) => Loop.RunAsync(lines).WaitAsync(Most, TestContext.Current.CancellationToken);

    /// <summary>On the loop: a wire and its peer.</summary>
    public async Task<(Wire Wire, Socket Peer)> ConnectAsync(int? peerBufferBytes = null)
    {
        var peer = Peer(peerBufferBytes);
        _peers.Add(peer);
        await peer.ConnectAsync(Listener.Address, CancellationToken.None);
        return ((await Listener.AcceptAsync())!, peer);
    }

    public static Socket Peer(int? bufferBytes = null)
    {
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (bufferBytes is { } bytes)
        {
            // Both before the connect: the window is agreed on there.
            (peer.ReceiveBufferSize, peer.SendBufferSize) = (bytes, bytes);
        }

        return peer;
    }

    /// <summary>Ends the loop; the peers stay.</summary>
    public void End() => _loops.Dispose();

    public void Dispose()
    {
        End();
        _peers.ForEach(peer => peer.Dispose());
    }
}
