using System.Net;
using System.Text.Json;
using Chat.Balancer;
using Chat.Balancer.Admission;
using Chat.Balancer.Destinations;
using Chat.Balancer.Listening;
using Chat.Balancer.Relaying;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Chat.Tests.Balancer.Support;

/// <summary>A balancer on a free port of loopback, in this process. Without a Redis of its own it is told its nodes by the test.</summary>
internal sealed class TestBalancer : IAsyncDisposable
{
    public const string WebSocketRequest =
        "GET /ws HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

    public const string WebSocketResponse = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    private readonly IHost _host;
    private readonly List<RawPeer> _peers = [];

    private TestBalancer(IHost host)
    {
        _host = host;
        Endpoint = host.Services.GetRequiredService<BalancerServer>().Addresses[0];
    }

    public IPEndPoint Endpoint { get; }

    /// <summary>With the setting AdminUrls.</summary>
    public IPEndPoint Admin => _host.Services.GetRequiredService<BalancerServer>().AdminAddresses[0];

    public DestinationTable Table => _host.Services.GetRequiredService<DestinationTable>();

    public int Tunnels => _host.Services.GetRequiredService<Tunnels>().Count;

    /// <summary>Of clients.</summary>
    public int Connections => _host.Services.GetRequiredService<ConnectionLimits>().Connections;

    /// <summary>Refused clients that still read their answer.</summary>
    public int Refused => _host.Services.GetRequiredService<RefusedPlaces>().Taken;

    public int IdleUpstreams => _host.Services.GetRequiredService<IdleUpstreams>().Count;

    public BalancerTelemetry Telemetry => _host.Services.GetRequiredService<BalancerTelemetry>();

    /// <summary>For a part of it that a test makes itself, out of the others.</summary>
    public IServiceProvider Services => _host.Services;

    /// <param name="settings">Names under <c>Chat:Balancer</c>, or whole ones: <c>DrainSeconds=1</c>.</param>
    public static async Task<TestBalancer> StartAsync(params string[] settings)
    {
        string[] args =
        [
            "--Chat:Balancer:Urls=http://127.0.0.1:0",
            "--Chat:Balancer:DrainSeconds=0.1",
            "--Chat:Balancer:LameDuckSeconds=0",
            "--ConnectionStrings:redis=127.0.0.1:1,connectTimeout=50,asyncTimeout=200",
            "--Logging:LogLevel:Default=Error",
            "--Logging:LogLevel:StackExchange.Redis=None",
            .. settings.Select(setting => setting.Split('=')[0].Contains(':', StringComparison.Ordinal) ? $"--{setting}" : $"--Chat:Balancer:{setting}"),
        ];
        var host = BalancerApp.Build(args);
        await host.StartAsync();
        return new TestBalancer(host);
    }

    /// <summary>With a connection to the node for each request, which a raw node expects, unless a setting says otherwise.</summary>
    public static async Task<TestBalancer> StartAsync(IEnumerable<RawNode> nodes, params string[] settings)
    {
        var balancer = await StartAsync(["IdleUpstreamsMax=0", .. settings]);
        balancer.Table.Apply([.. nodes.Select(node => node.Lease())]);
        return balancer;
    }

    public Task<RawPeer> ConnectAsync() => RawPeer.ConnectAsync(Endpoint);

    /// <summary>A tunnel, open on both sides.</summary>
    public async Task<(RawPeer Client, RawPeer Node)> TunnelAsync(RawNode node)
    {
        var client = await ConnectAsync();
        await client.SendAsync(WebSocketRequest);
        var (_, peer) = await node.AnswerAsync(WebSocketResponse);
        await client.ReadHeadAsync();
        lock (_peers)
        {
            // Held, or the collector closes the sockets of a test that only needs them to be there.
            _peers.AddRange([client, peer]);
        }

        return (client, peer);
    }

    /// <summary>Until the end.</summary>
    public void Keep(RawPeer peer)
    {
        lock (_peers)
        {
            _peers.Add(peer);
        }
    }

    public async Task<JsonElement> StatusAsync()
    {
        using var http = new HttpClient();
        return JsonDocument.Parse(await http.GetStringAsync($"http://{Endpoint}/balancer/status")).RootElement;
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _peers.ForEach(peer => peer.Dispose());
    }
}
