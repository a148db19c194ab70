using Chat.Node.Admission;
using Chat.Node.Backplane.Log;
using Chat.Node.Backplane.Subscriptions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Backplane;

/// <summary>Puts together how publications travel.</summary>
internal static class BackplaneServices
{
    /// <summary>Needs the options, the node's identity, a clock, the connection to Redis and its endpoints.</summary>
    public static IServiceCollection AddBackplane(this IServiceCollection services) => services
        .AddSingleton(provider => new RedisCalls(
            provider.GetRequiredService<IConnectionMultiplexer>(),
            provider.GetRequiredService<IOptions<NodeOptions>>().Value.RedisDeadline,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<NodeMetrics>()))
        .AddSingleton<Pressure>()
        .AddSingleton<SubscriptionConnection>()
        .AddSingleton(provider => new RepairTurns(provider.GetRequiredService<IOptions<NodeOptions>>().Value))
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<LogFeedServices>(
            provider, provider.GetRequiredService<IOptions<NodeOptions>>().Value))
        .AddSingleton(provider => new LogReader(
            provider.GetRequiredService<RedisCalls>(), provider.GetRequiredService<IOptions<NodeOptions>>().Value))
        .AddSingleton(provider => new FeedMemory(provider.GetRequiredService<IOptions<NodeOptions>>().Value.FeedsBytesMax))
        .AddSingleton<LogFeeds>()
        .AddSingleton<IBackplane, LogBackplane>();
}
