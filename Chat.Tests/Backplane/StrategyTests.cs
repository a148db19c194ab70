using Chat.Lab.Cluster;
using Chat.Tests.Backplane.Support;

namespace Chat.Tests.Backplane;

/// <summary>
/// Each strategy keeps what its row says and breaks the rest. One that keeps more than it says fails too: then the row, and
/// what is told about it, is wrong.
/// </summary>
public abstract class StrategyTests(StrategyFixture fixture, string name) : IClassFixture<StrategyFixture>
{
    public static TheoryData<string> Promises => [.. Enum.GetNames<Promise>()];

    [Theory, MemberData(nameof(Promises))]
    public Task Keeps_or_breaks_as_stated(string promise) => fixture.ProveAsync(name, RedisServerKind.RedisServer, promise);
}

/// <summary>The same on the embedded server, but for the failover: its lists cannot be set back while it runs.</summary>
public abstract class EmbeddedStrategyTests(StrategyFixture fixture, string name) : IClassFixture<StrategyFixture>
{
    public static TheoryData<string> Promises =>
        [.. Enum.GetNames<Promise>().Where(promise => promise != nameof(Promise.NothingHiddenByAFailover))];

    [Theory, MemberData(nameof(Promises))]
    public Task Keeps_or_breaks_as_stated(string promise) => fixture.ProveAsync(name, RedisServerKind.Embedded, promise);
}

public sealed class LocalTests(StrategyFixture fixture) : StrategyTests(fixture, "local");

public sealed class LocalFirstTests(StrategyFixture fixture) : StrategyTests(fixture, "local-first");

public sealed class PubSubTests(StrategyFixture fixture) : StrategyTests(fixture, "pubsub");

public sealed class SplitTests(StrategyFixture fixture) : StrategyTests(fixture, "split");

public sealed class StreamsTests(StrategyFixture fixture) : StrategyTests(fixture, "streams");

public sealed class LogTests(StrategyFixture fixture) : StrategyTests(fixture, "log");

// The embedded server takes more of the machine: one at a time. Streams it has none; local needs no server.
[Collection(nameof(RedisServerKind.Embedded))]
public sealed class EmbeddedLocalFirstTests(StrategyFixture fixture) : EmbeddedStrategyTests(fixture, "local-first");

[Collection(nameof(RedisServerKind.Embedded))]
public sealed class EmbeddedPubSubTests(StrategyFixture fixture) : EmbeddedStrategyTests(fixture, "pubsub");

[Collection(nameof(RedisServerKind.Embedded))]
public sealed class EmbeddedSplitTests(StrategyFixture fixture) : EmbeddedStrategyTests(fixture, "split");

[Collection(nameof(RedisServerKind.Embedded))]
public sealed class EmbeddedLogTests(StrategyFixture fixture) : EmbeddedStrategyTests(fixture, "log")
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

    internal async Task ProveAsync(string name, RedisServerKind kind, string promise)
    {
        var (strategy, promised) = (Strategy.Named(name), Enum.Parse<Promise>(promise));
        var cluster = await (_cluster ??= StrategyCluster.StartAsync(strategy, kind));
        await Task.WhenAll(cluster.A.ConnectedAsync(), cluster.B.ConnectedAsync());

        var broken = await Scenarios.RunAsync(promised, cluster);

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {promised.Title()}: {broken ?? "kept"}.");
        Assert.False(strategy.Keeps(promised) && broken is not null, $"{name} has to keep \"{promised.Title()}\", but {broken}.");
        Assert.False(!strategy.Keeps(promised) && broken is null, $"{name} is said to break \"{promised.Title()}\", and kept it.");
    }
}
