using Chat.Experiments;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Node.Connections;
using Chat.Protocol;
using Chat.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Tests.Backplane.Support;

/// <summary>The backplane of one node, put together as a node does it, with a link to Redis that the test rules.</summary>
internal sealed class StrategyNode : IAsyncDisposable
{
    // Commands by which some strategy stores, numbers or publishes.
    private static readonly string[] Writes = ["EVAL", "INCR", "PUBLISH", "XADD"];

    private readonly ServiceProvider _services;
    private readonly string _id;

    private StrategyNode(string id, RedisLink link, ServiceProvider services)
    {
        (_id, Link, _services) = (id, link, services);
        Backplane = services.GetRequiredService<IBackplane>();
    }

    public IBackplane Backplane { get; }

    public RedisLink Link { get; }

    public static async Task<StrategyNode> StartAsync(string id, int redisPort, NodeOptions options, ExperimentOptions experiment)
    {
        var link = new RedisLink(redisPort);
        var configuration = ConfigurationOptions.Parse($"{link.Endpoint}");
        RedisConnection.Configure(configuration);

        // As a node's, only sooner: reconnecting is what most of these tests wait for.
        configuration.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
        configuration.ReconnectRetryPolicy = new LinearRetry(20);
        var endpoints = new RedisEndpoints();
        endpoints.Remember(configuration);
        IConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.None))
            .AddMetrics()
            .AddSingleton<ConnectionTable>()
            .AddSingleton<NodeMetrics>()
            .AddSingleton(Options.Create(options))
            .AddSingleton(new NodeIdentity(id, "1"))
            .AddSingleton(TimeProvider.System)
            .AddSingleton(_ => connection)
            .AddSingleton(endpoints)
            .AddBackplane()
            .AddExperiment(experiment)
            .BuildServiceProvider();
        var node = new StrategyNode(id, link, services);
        try
        {
            foreach (var service in services.GetServices<IHostedService>())
            {
                await service.StartAsync(CancellationToken.None);
            }

            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until commands reach Redis, after a test that cut them.</summary>
    public Task ConnectedAsync() => Within.True(
        30,
        async () =>
        {
            try
            {
                await _services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync();
                return true;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                return false;
            }
        },
        "the node is connected to Redis");

    /// <param name="id">The client's; also what members see.</param>
    public Task<Stored> PublishAsync(string room, string id)
    {
        var now = TimeProvider.System.GetUtcNow();
        var frame = FrameCodec.EncodeTemplate(room, id, "ada", "hello", now, _id);
        return Backplane.PublishAsync(
            new NewMessage(room, $"ada:{id}", frame, new Origin(_id, now, null)), CancellationToken.None);
    }

    /// <summary>As a client does: the same message again until it is acked.</summary>
    public async Task<Stored> PublishUntilAckedAsync(string room, string id)
    {
        Stored? stored = null;
        await Within.True(
            20,
            async () =>
            {
                try
                {
                    stored = await PublishAsync(room, id);
                    return true;
                }
                catch (BackplaneUnavailableException)
                {
                    return false;
                }
            },
            $"{id} is acked");
        return stored!.Value;
    }

    /// <summary>Publishes while the link is held, up to where it waits for Redis.</summary>
    public async Task<Task<Stored>> StartPublishAsync(string room, string id)
    {
        Link.Forget();
        var publishing = PublishAsync(room, id);
        if (!publishing.IsCompleted)
        {
            await Link.SaidAsync(room, Writes);
        }

        return publishing;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
        await Link.DisposeAsync();
    }
}
