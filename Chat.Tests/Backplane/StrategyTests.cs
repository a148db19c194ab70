using Chat.Tests.Backplane.Support;
using Chat.Tests.Support.RedisServers;

namespace Chat.Tests.Backplane;

/// <summary>
/// Each strategy keeps what its row says and breaks the rest. One that keeps more than it says fails too: then the row, and
/// what is told about it, is wrong.
/// </summary>
public abstract class StrategyTests(StrategyFixture fixture, string name, RedisServerKind kind) : IClassFixture<StrategyFixture>
{
    public static TheoryData<string> AllPromises => [.. Enum.GetNames<Promise>()];

    [Theory, MemberData(nameof(AllPromises))]
    public async Task Keeps_or_breaks_as_stated(string promise)
    {
        var (strategy, promised) = (Strategy.Named(name), Enum.Parse<Promise>(promise));
        Assert.SkipWhen(
            promised == Promise.NothingHiddenByAFailover && kind == RedisServerKind.Embedded,
            "The embedded server has no DUMP of lists: its data cannot be set back while it runs.");
        var cluster = await fixture.StartAsync(strategy, kind);
        await Task.WhenAll(cluster.A.ConnectedAsync(), cluster.B.ConnectedAsync());

        var broken = await Scenarios.RunAsync(promised, cluster);

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {promised.Title()}: {broken ?? "kept"}.");
        Assert.False(strategy.Keeps(promised) && broken is not null, $"{name} has to keep \"{promised.Title()}\", but {broken}.");
        Assert.False(!strategy.Keeps(promised) && broken is null, $"{name} is said to break \"{promised.Title()}\", and kept it.");
    }
}

public sealed class LocalTests(StrategyFixture fixture) : StrategyTests(fixture, "local", RedisServerKind.RedisServer);

public sealed class LocalFirstTests(StrategyFixture fixture) : StrategyTests(fixture, "local-first", RedisServerKind.RedisServer);

public sealed class PubSubTests(StrategyFixture fixture) : StrategyTests(fixture, "pubsub", RedisServerKind.RedisServer);

public sealed class SplitTests(StrategyFixture fixture) : StrategyTests(fixture, "split", RedisServerKind.RedisServer);

public sealed class StreamsTests(StrategyFixture fixture) : StrategyTests(fixture, "streams", RedisServerKind.RedisServer);

public sealed class LogTests(StrategyFixture fixture) : StrategyTests(fixture, "log", RedisServerKind.RedisServer);

// The embedded server takes more of the machine: one at a time. Streams it has none; local needs no server.
[Collection(nameof(RedisServerKind.Embedded))]
public sealed class EmbeddedLocalFirstTests(StrategyFixture fixture) : StrategyTests(fixture, "local-first", RedisServerKind.Embedded);

[Collection(nameof(RedisServerKind.Embedded))]
public sealed class EmbeddedPubSubTests(StrategyFixture fixture) : StrategyTests(fixture, "pubsub", RedisServerKind.Embedded);

[Collection(nameof(RedisServerKind.Embedded))]
public sealed class EmbeddedSplitTests(StrategyFixture fixture) : StrategyTests(fixture, "split", RedisServerKind.Embedded);

[Collection(nameof(RedisServerKind.Embedded))]
public sealed class EmbeddedLogTests(StrategyFixture fixture) : StrategyTests(fixture, "log", RedisServerKind.Embedded)
{
    [Fact]
    public async Task Streams_do_not_start_there_and_say_why()
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StrategyCluster.StartAsync(Strategy.Named("streams"), RedisServerKind.Embedded));

        Assert.Contains("this server has no streams", refusal.Message);
    }
}

/// <summary>The cluster that the tests of one strategy share.</summary>
public sealed class StrategyFixture : IAsyncDisposable
{
    private Task<StrategyCluster>? _cluster;

    public async ValueTask DisposeAsync()
    {
        if (_cluster is { IsCompletedSuccessfully: true })
        {
            await (await _cluster).DisposeAsync();
        }
    }

    internal Task<StrategyCluster> StartAsync(Strategy strategy, RedisServerKind kind) =>
        _cluster ??= StrategyCluster.StartAsync(strategy, kind);
}
