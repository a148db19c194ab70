using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Admission;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Log;
using Chat.Node.Backplane.Subscriptions;
using Chat.Protocol;
using Chat.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Chat.Tests.Log;

/// <summary>The log strategy's parts against a real server, without a node around them.</summary>
internal sealed class LogHarness : IAsyncDisposable
{
    private readonly IConnectionMultiplexer _redis;
    private readonly LogFeeds _feeds;

    private LogHarness(IConnectionMultiplexer redis, NodeOptions options)
    {
        (_redis, Options) = (redis, options);
        var wrapped = Microsoft.Extensions.Options.Options.Create(options);
        Calls = new RedisCalls(redis, options.RedisDeadline, TimeProvider.System);
        Reader = new LogReader(Calls, options);
        var metrics = TestMetrics.Create();
        var node = new NodeIdentity("test", "1");
        Subscriptions = new SubscriptionConnection(
            redis,
            new RedisEndpoints(),
            node,
            metrics,
            wrapped,
            TimeProvider.System,
            NullLogger<SubscriptionConnection>.Instance);
        var memory = new FeedMemory(options.FeedsBytesMax);
        FeedServices = new LogFeedServices(
            options, node, metrics, new RepairTurns(options), memory, TimeProvider.System, NullLogger<LogFeed>.Instance);
        _feeds = new LogFeeds(Subscriptions, Reader, FeedServices);
        Backplane = new LogBackplane(Calls, wrapped, Reader, _feeds, new Pressure(Subscriptions, wrapped), metrics, memory, TimeProvider.System);
    }

    public NodeOptions Options { get; }

    public RedisCalls Calls { get; }

    public LogReader Reader { get; }

    public SubscriptionConnection Subscriptions { get; }

    public LogFeedServices FeedServices { get; }

    public LogBackplane Backplane { get; }

    public IDatabase Database => Calls.Database;

    /// <param name="probe">Sees every call; null for none.</param>
    public static async Task<LogHarness> ConnectAsync(RedisServer server, NodeOptions? options = null, RedisProbe? probe = null)
    {
        var configuration = ConfigurationOptions.Parse(server.ConnectionString);
        RedisConnection.Configure(configuration);
        IConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(configuration);
        return new LogHarness(probe?.Wrap(redis) ?? redis, options ?? new NodeOptions());
    }

    /// <summary>Stores and publishes a message as a node does.</summary>
    public Task<Stored> PublishAsync(string room, string author, string id) =>
        Backplane.PublishAsync(Message(room, author, id), CancellationToken.None);

    public static NewMessage Message(string room, string author, string id) => new(
        room, $"{author}:{id}", FrameCodec.EncodeTemplate(room, id, author, id, DateTimeOffset.UnixEpoch, "test"), Origin);

    /// <summary>A publication as the append script writes it, for logs written by hand.</summary>
    public static byte[] Publication(string room, string epoch, long offset, string id) => Node.Backplane.Publication.Encode(
        new Position(epoch, offset),
        DateTimeOffset.UnixEpoch,
        Origin,
        FrameCodec.EncodeTemplate(room, id, "author", id, DateTimeOffset.UnixEpoch, "test"));

    public async ValueTask DisposeAsync()
    {
        await _feeds.DisposeAsync();
        await Subscriptions.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private static Origin Origin => new("test", DateTimeOffset.UnixEpoch, Traceparent: null);
}
