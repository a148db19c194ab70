using System.Net;
using System.Net.Sockets;
using Chat.Balancer.Heads;
using Chat.Balancer.Picking;
using Chat.Balancer.Relaying;
using Chat.Balancer.Wires;
using Chat.Protocol;
using Chat.Tests.Balancer.Support;
using Microsoft.Extensions.DependencyInjection;
using DialFailure = Chat.Wires.DialFailure;
using WireLoop = Chat.Wires.WireLoop;

namespace Chat.Tests.Balancer;

/// <summary>Connections to nodes that do not come about, and whose fault that is.</summary>
public sealed class DialTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("sockets")]
    [InlineData("epoll")]
    [InlineData("auto")]
    public async Task One_connect_that_takes_too_long_does_not_put_a_node_out(string engine)
    {
        using var full = new FullBacklog();
        await using var balancer = await TestBalancer.StartAsync("ProbePeriodSeconds=60", "ProbeTimeoutSeconds=30", "ConnectSeconds=0.1", $"Engine={engine}");
        balancer.Table.Apply([full.Lease]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(Get);

        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        var destination = balancer.Table.Current[0].Destination;
        Assert.Equal((1, true), (destination.FailedConnects, destination.Health.Healthy));
    }

    [Theory]
    [InlineData("sockets")]
    [InlineData("epoll")]
    [InlineData("auto")]
    public async Task Refused_connect_puts_a_node_out_at_once(string engine)
    {
        var dead = new RawNode("a");
        dead.Dispose();
        await using var balancer = await TestBalancer.StartAsync([dead], "ProbePeriodSeconds=60", "ProbeFailuresToLeave=1000", $"Engine={engine}");
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(Get);

        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.False(balancer.Table.Current[0].Destination.Health.Healthy);
    }

    [Fact]
    public async Task Balancer_without_a_descriptor_left_blames_no_node_and_counts_nothing_as_connected()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        var connector = ActivatorUtilities.CreateInstance<Connector>(balancer.Services, new NoDescriptors());

        var (upstream, refusal) = await connector.ConnectAsync(new PickKey(Request(), IPAddress.Loopback), client: null!, UpstreamUse.Tunnel, failed: [], CancellationToken.None);

        Assert.Equal((null, Refusal.NoSocket), (upstream, refusal));
        var destination = balancer.Table.Current[0].Destination;
        Assert.Equal((0, 0, true), (destination.Connections, destination.FailedConnects, destination.Health.Healthy));
    }

    private static RequestHead Request() => new RequestHeadParser(new HeadLimits(8192, 100, 16)).Parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8).Head!;

    private sealed class NoDescriptors : IWireFactory
    {
        public WireLoop Next() => throw new NotSupportedException();

        public Wire Attach(WireLoop loop, Socket accepted) => throw new NotSupportedException();

        public ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, Wire near, TimeSpan timeout) =>
            ValueTask.FromResult(new Dialled(null, DialFailure.Local));
    }

    /// <summary>The kernel lets what comes to it wait: nobody accepts, and the queue has no room.</summary>
    private sealed class FullBacklog : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _waiting = [];

        public FullBacklog()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(0);
            for (var i = 0; i < 4; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _ = socket.ConnectAsync(_listener.LocalEndPoint!);
                _waiting.Add(socket);
            }
        }

        public NodeLease Lease => new("a", "1", $"http://{_listener.LocalEndPoint}", NodeState.Ready, 0, 0);

        public void Dispose()
        {
            _waiting.ForEach(socket => socket.Dispose());
            _listener.Dispose();
        }
    }
}
