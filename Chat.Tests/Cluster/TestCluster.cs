using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Lab.Faults;
using Chat.Lab.Processes;
using Chat.Node;
using Chat.Node.Access;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Support;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Cluster;

/// <summary>
/// Real nodes and one real Redis, each in a process of its own, with a fault proxy between each node and Redis and one in front of
/// each node. All of it ends with the test.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const int PageMessages = 50;

    /// <summary>How fast one may send is the subject of other tests. Two loops, so that rooms are spread over them on any machine.</summary>
    private static readonly string[] NoHurry = ["LoopsMax=2", "SendsPerSecond=100000", "SendsBurst=100000", "SendsPrepaid=1000", "FramesPerSecond=100000", "FramesBurst=100000"];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly ProcessLeash _leash = new();
    private readonly TokenService _tokens;
    private readonly string _key = RandomNumberGenerator.GetHexString(64);

    private TestCluster(ClusterOptions options, RedisServer redis)
    {
        Redis = redis;
        _leash.Add(redis.ProcessId);
        _tokens = new TokenService(Options.Create(new NodeOptions { TokenKey = _key }), TimeProvider.System);
        Nodes =
        [
            .. Enumerable.Range(0, options.Nodes).Select(
                index => new ClusterNode($"n{index}", redis.Port, [$"TokenKey={_key}", .. NoHurry, .. options.NodeSettings], _leash)),
        ];
    }

    public RedisServer Redis { get; }

    public IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>Returns when every node is ready.</summary>
    public static async Task<TestCluster> StartAsync(ClusterOptions options)
    {
        var cluster = new TestCluster(options, await TestRedis.StartAsync(options.Redis, options.RedisSettings));
        try
        {
            await Task.WhenAll(cluster.Nodes.Select(node => node.StartAsync()));
            await Task.WhenAll(cluster.Nodes.Select(node => node.WaitReadyAsync(TestContext.Current.CancellationToken)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of one node, or at every connect of another of those that run.</summary>
    /// <param name="random">Chooses the node; null for <paramref name="node"/> alone.</param>
    /// <param name="received">Called with every frame as it came.</param>
    public ChatClient Connect(string user, int node = 0, Func<int, int>? random = null, Action<ServerFrame>? received = null)
    {
        var token = TokenFor(user);
        return new ChatClient(new ChatClientOptions
        {
            Url = Nodes[node].Url,
            NextUrl = random is null ? null : () => PickRunning(random).Url,
            Token = _ => Task.FromResult(token),
            ConnectTimeout = TimeSpan.FromSeconds(4),
            BackoffMin = TimeSpan.FromMilliseconds(100),
            BackoffMax = TimeSpan.FromSeconds(1),
            SilenceSlack = TimeSpan.FromSeconds(3),
            JoinTimeout = Timeout.InfiniteTimeSpan,
            Received = received,
        });
    }

    public string TokenFor(string user) => _tokens.Issue(user).Token;

    /// <summary>The whole log of a room as HTTP gives it, oldest first.</summary>
    public async Task<IReadOnlyList<MessageFrame>> ReadLogAsync(string room)
    {
        var pages = new List<HistoryFrame>();
        for (long? before = null; pages.Count == 0 || pages[^1].More; before = pages[^1].Messages[0].Offset)
        {
            pages.Add(await ReadPageAsync(room, before));

            // An entry keeps the offset of its place, so that places can be counted by it.
            if (pages[^1].Messages.Count == 0)
            {
                break;
            }
        }

        return [.. Enumerable.Reverse(pages).SelectMany(page => page.Messages)];
    }

    /// <summary>Stops Redis well and starts it again with its data.</summary>
    public Task RestartRedisAsync(Action? whileStopped = null) => RestartRedisAsync(Redis.StopAsync, whileStopped);

    /// <summary>Kills Redis and starts it again with what it had written.</summary>
    public Task KillAndStartRedisAsync(Action? whileStopped = null) => RestartRedisAsync(Redis.KillAsync, whileStopped);

    /// <summary>Switches off every fault, continues and starts what is paused or has ended, and waits until all are ready.</summary>
    public async Task HealAsync()
    {
        foreach (var node in Nodes)
        {
            node.Redis.Set(Fault.Pass);
            node.Clients.Set(Fault.Pass);
            if (node.IsPaused)
            {
                node.Continue();
            }

            if (!node.IsRunning)
            {
                await node.StartAsync();
            }
        }

        await Task.WhenAll(Nodes.Select(node => node.WaitReadyAsync(TestContext.Current.CancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        var redis = Redis.ProcessId;
        await Redis.DisposeAsync();
        _leash.Remove(redis);
        _leash.Dispose();
        _http.Dispose();
    }

    private async Task RestartRedisAsync(Func<Task> end, Action? whileStopped)
    {
        var before = Redis.ProcessId;
        await end();
        whileStopped?.Invoke();
        await Redis.RestartAsync();
        _leash.Remove(before);
        _leash.Add(Redis.ProcessId);
    }

    private ClusterNode PickRunning(Func<int, int> random)
    {
        var running = Nodes.Where(node => node.IsRunning).ToArray();
        return running.Length > 0 ? running[random(running.Length)] : Nodes[random(Nodes.Count)];
    }

    private Task<HistoryFrame> ReadPageAsync(string room, long? before) => Within.Seconds(
        30,
        async token =>
        {
            while (true)
            {
                using var answer = await AskPageAsync(room, before, token);
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    answer.EnsureSuccessStatusCode();
                    return Assert.IsType<HistoryFrame>(FrameCodec.DecodeServer(await answer.Content.ReadAsByteArrayAsync(token), out _));
                }

                // It is on its way back to Redis.
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, token);
            }
        },
        $"a page of {room} is read");

    private async Task<HttpResponseMessage> AskPageAsync(string room, long? before, CancellationToken cancellationToken)
    {
        var query = before is null ? "" : $"&before={before}";
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri(Nodes[0].DirectUrl, $"/api/rooms/{room}/messages?limit={PageMessages}{query}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenFor("reader"));
        return await _http.SendAsync(request, cancellationToken);
    }
}
