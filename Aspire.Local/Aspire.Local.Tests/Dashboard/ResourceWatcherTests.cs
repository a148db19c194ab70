using Aspire.Local.Dashboard.Resources;
using Aspire.Local.ResourceService;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class ResourceWatcherTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Snapshot_and_changes_are_followed()
    {
        await using var host = await FakeAppHost.StartAsync();
        await using var dashboard = await StartAsync(host.Url);
        var watcher = dashboard.Get<ResourceWatcher>();
        await UntilAsync("both nodes are known", () => watcher.Current is { State: AppHostState.Connected, ById.Count: 2 });

        await host.SayAsync(new ResourceChangeDto("upsert", [FakeAppHost.Resource("node-c", "Starting")], null));
        await host.SayAsync(new ResourceChangeDto("remove", null, "node-a"));

        await UntilAsync("the changes are seen", () => watcher.Current.ById.Keys.SequenceEqual(["node-b", "node-c"]));
        Assert.Equal("Starting", watcher.Current.ById["node-c"].State);
    }

    [Fact]
    public async Task AppHost_that_leaves_is_told_and_one_that_returns_is_followed_again()
    {
        var host = await FakeAppHost.StartAsync();
        var url = host.Url;
        await using var dashboard = await StartAsync(url);
        var watcher = dashboard.Get<ResourceWatcher>();
        await UntilAsync("it is connected", () => watcher.Current.State == AppHostState.Connected);

        await host.DisposeAsync();

        await UntilAsync("it is gone, and what it said is kept", () => watcher.Current is { State: AppHostState.Gone, ById.Count: 2 });
        await using var again = await FakeAppHost.StartAsync(url.AbsoluteUri);
        await UntilAsync("it is connected again", () => watcher.Current.State == AppHostState.Connected);
    }

    [Fact]
    public async Task Without_the_key_nothing_is_shown()
    {
        await using var host = await FakeAppHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Url };

        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            await foreach (var _ in new ResourceClient(http).WatchResourcesAsync(TestContext.Current.CancellationToken))
            {
            }
        });
    }

    [Fact]
    public async Task Command_reaches_the_AppHost_and_its_answer_comes_back()
    {
        await using var host = await FakeAppHost.StartAsync();
        await using var dashboard = await StartAsync(host.Url);
        var client = dashboard.Get<ResourceClient>();

        var stopped = await client.ExecuteAsync("node-a", "resource-stop", TestContext.Current.CancellationToken);
        var started = await client.ExecuteAsync("node-a", "resource-start", TestContext.Current.CancellationToken);

        Assert.Equal(["node-a resource-stop", "node-a resource-start"], host.Commands);
        Assert.Equal((true, false, "It runs already."), (stopped.Success, started.Success, started.Error));
    }

    [Fact]
    public async Task Command_to_an_AppHost_that_is_gone_fails_in_words()
    {
        var host = await FakeAppHost.StartAsync();
        await using var dashboard = await StartAsync(host.Url);
        await host.DisposeAsync();

        var result = await dashboard.Get<ResourceClient>().ExecuteAsync("node-a", "resource-stop", TestContext.Current.CancellationToken);

        Assert.False(result.Success);
        Assert.StartsWith("The AppHost did not answer", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Console_of_several_instances_is_merged_by_time_and_a_new_stream_repeats_nothing()
    {
        await using var host = await FakeAppHost.StartAsync();
        await using var dashboard = await StartAsync(host.Url);
        var buffer = new ConsoleBuffer(100);
        await using var feed = new ConsoleFeed(dashboard.Get<ResourceClient>(), buffer, TimeProvider.System);

        await feed.FollowAsync(["node-a", "node-b"]);

        await UntilAsync("all lines are there", () => buffer.Tail(100).Count == 6);
        Assert.Equal(["1", "1", "2", "2", "3", "3"], buffer.Tail(100).Select(l => l.Content.Split(' ')[1]));
        Assert.Equal(2, buffer.Tail(100).Count(l => l.IsError));
    }

    [Fact]
    public void Console_keeps_the_newest_lines()
    {
        var buffer = new ConsoleBuffer(80);

        for (var i = 1; i <= 1000; i++)
        {
            buffer.Add("node-a", $"{i}", isError: false, DateTimeOffset.UnixEpoch.AddSeconds(i));
        }

        Assert.Equal(["999", "1000"], buffer.Tail(2).Select(l => l.Content));
        Assert.InRange(buffer.Tail(1000).Count, 80, 90);
        Assert.Equal(1000, buffer.Tail(1000).Count + buffer.Dropped);
    }

    private static Task<TestDashboard> StartAsync(Uri url) => TestDashboard.StartAsync(
        $"--{ResourceServiceProtocol.UrlVariable}={url}", $"--{ResourceServiceProtocol.KeyVariable}={FakeAppHost.Key}");

    private static async Task UntilAsync(string what, Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (!condition())
        {
            Assert.True(await TickAsync(timer, limit.Token), $"Waited {Limit} until {what}.");
        }
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
