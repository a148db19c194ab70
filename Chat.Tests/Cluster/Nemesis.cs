using System.Collections.Concurrent;
using System.Globalization;
using Chat.Lab.Cluster;
using Chat.Lab.Faults;

namespace Chat.Tests.Cluster;

/// <summary>Breaks a cluster at random, by a seed: one thing at a time on each node, and Redis now and then.</summary>
internal sealed class Nemesis(TestCluster cluster, int seed)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly ConcurrentQueue<string> _deeds = new();

    /// <summary>What it has done, and when.</summary>
    public IEnumerable<string> Deeds => _deeds;

    /// <summary>Goes on until it is stopped. What it has begun then is left as it is: heal it.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
    [
        .. cluster.Nodes.Select((node, index) => TormentAsync(node, new Random(seed + index), stop)),
        TormentRedisAsync(new Random(seed + cluster.Nodes.Count), stop),
    ]);

    private async Task TormentAsync(ClusterNode node, Random random, CancellationToken stop)
    {
        while (await WaitAsync(random, 500, 5000, stop))
        {
            var duration = TimeSpan.FromMilliseconds(random.Next(200, 6000));
            await (random.Next(6) switch
            {
                0 => KillAsync(node, duration, stop),
                1 => PauseAsync(node, duration, stop),
                2 => DrainAsync(node, duration, stop),
                3 => CutAsync(node, random),
                4 => BreakAsync(node.Redis, $"{node.Id}-redis", random, duration, stop),
                _ => BreakAsync(node.Clients, $"clients-{node.Id}", random, duration, stop),
            });
        }
    }

    private async Task TormentRedisAsync(Random random, CancellationToken stop)
    {
        while (await WaitAsync(random, 6000, 14000, stop))
        {
            // The embedded server may lose its last moments when it is killed; redis-server is set not to.
            var kill = cluster.Redis.Kind == RedisServerKind.RedisServer && random.Next(2) == 0;
            Note(kill ? "redis killed" : "redis stopped");
            await (kill ? cluster.KillAndStartRedisAsync() : cluster.RestartRedisAsync());
            Note("redis back");
        }
    }

    private async Task KillAsync(ClusterNode node, TimeSpan duration, CancellationToken stop)
    {
        Note($"{node.Id} killed");
        await node.KillAsync();
        await StartLaterAsync(node, duration, stop);
    }

    private async Task DrainAsync(ClusterNode node, TimeSpan duration, CancellationToken stop)
    {
        Note($"{node.Id} drains");
        await node.DrainAsync();
        await StartLaterAsync(node, duration, stop);
    }

    private async Task StartLaterAsync(ClusterNode node, TimeSpan duration, CancellationToken stop)
    {
        if (await WaitAsync(duration, stop))
        {
            Note($"{node.Id} started");
            await node.StartAsync();
        }
    }

    private async Task PauseAsync(ClusterNode node, TimeSpan duration, CancellationToken stop)
    {
        Note($"{node.Id} paused");
        node.Pause();
        await WaitAsync(duration, stop);
        node.Continue();
        Note($"{node.Id} continued");
    }

    private Task CutAsync(ClusterNode node, Random random)
    {
        var (proxy, name) = random.Next(2) == 0 ? (node.Redis, $"{node.Id}-redis") : (node.Clients, $"clients-{node.Id}");
        Note($"{name} cut");
        proxy.Cut();
        return Task.CompletedTask;
    }

    private async Task BreakAsync(FaultProxy proxy, string name, Random random, TimeSpan duration, CancellationToken stop)
    {
        var fault = (Fault)random.Next((int)Fault.Delay, (int)Fault.BlackHoleFromTarget + 1);
        Note($"{name} {fault}");
        proxy.Set(fault, TimeSpan.FromMilliseconds(random.Next(50, 800)));
        await WaitAsync(duration, stop);
        proxy.Set(Fault.Pass);
        Note($"{name} passes");
    }

    private static Task<bool> WaitAsync(Random random, int msMin, int msMax, CancellationToken stop) =>
        WaitAsync(TimeSpan.FromMilliseconds(random.Next(msMin, msMax)), stop);

    /// <returns>False when it was stopped meanwhile.</returns>
    private static async Task<bool> WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        await Task.Delay(wait, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }

    private void Note(string deed) => _deeds.Enqueue(string.Create(
        CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(_started).TotalSeconds,7:0.0} {deed}"));
}
