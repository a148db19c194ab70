using System.Runtime.CompilerServices;
using Chat.Lab.Cluster;
using Chat.Protocol.Frames;
using Chat.Tests.Cluster.Checking;
using Chat.Tests.Support;

namespace Chat.Tests.Cluster;

/// <summary>Everything at once, at random: what every client was shown must be the log.</summary>
[Collection(ClusterSuite.Name)]
public sealed class RandomizedClusterTests(ITestOutputHelper output)
{
    private const int ClientsCount = 30;
    private const int RoomsCount = 10;
    private const double SettleSeconds = 90;
    private const int AnomaliesShownMax = 30;

    /// <summary>A lease, the grace after it, and a period in which nodes compare what they know.</summary>
    private const double GhostSeconds = 20;

    [Theory]
    [InlineData(RedisServerKind.Embedded)]
    [InlineData(RedisServerKind.RedisServer)]
    public async Task Every_view_of_every_room_equals_its_log_whatever_fails(RedisServerKind redis)
    {
        var settings = ChaosSettings.FromEnvironment();
        Say($"Seed {settings.Seed}. Again: {Command(settings)}");
        await using var cluster = await TestCluster.StartAsync(Options(redis));
        string[] rooms = [.. Enumerable.Range(0, RoomsCount).Select(index => $"room-{index}")];
        ChaosClient[] clients =
        [
            .. Enumerable.Range(0, ClientsCount).Select(index => new ChaosClient(cluster, $"user-{index}", rooms, settings.Seed + 1000 + index)),
        ];
        var nemesis = new Nemesis(cluster, settings.Seed);
        try
        {
            await RunAsync(cluster, nemesis, clients, settings.Duration);

            var histories = await SettleAsync(cluster, clients, rooms);

            var anomalies = histories.SelectMany(history => history.Check()).Select(anomaly => anomaly.ToString()).ToArray();
            Say($"{histories.Sum(history => history.Log.Count)} stored, {histories.Sum(history => history.Views.Sum(view => view.Events.Count))} events shown");
            Assert.True(anomalies.Length == 0, string.Join('\n', [$"{anomalies.Length} anomalies:", .. anomalies.Take(AnomaliesShownMax)]));
            await SeeEachOtherAsync(clients);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(Report(settings, nemesis, cluster, exception), exception);
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }
    }

    private static async Task RunAsync(TestCluster cluster, Nemesis nemesis, ChaosClient[] clients, TimeSpan duration)
    {
        using var calm = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = clients.Select(client => client.RunAsync(quiet.Token)).ToArray();
        calm.CancelAfter(duration);
        try
        {
            await nemesis.RunAsync(calm.Token);
            await cluster.HealAsync();
        }
        finally
        {
            await calm.CancelAsync();
            await quiet.CancelAsync();
            await Task.WhenAll(running);
        }
    }

    private static async Task<IReadOnlyList<RoomHistory>> SettleAsync(TestCluster cluster, ChaosClient[] clients, string[] rooms)
    {
        await WaitAllAsync(clients, (client, token) => client.SettleAsync(token), client => client.Describe());
        var logs = rooms.ToDictionary(room => room, _ => (IReadOnlyList<MessageFrame>)[]);
        foreach (var room in rooms)
        {
            logs[room] = await cluster.ReadLogAsync(room);
        }

        var tops = logs.ToDictionary(log => log.Key, log => (long)log.Value.Count);
        await WaitAllAsync(clients, (client, token) => client.CatchUpAsync(tops, token), client => client.Describe(tops));
        return
        [
            .. rooms.Select(room => new RoomHistory(
                room,
                logs[room],
                [.. clients.SelectMany(client => client.SentTo(room))],
                [.. clients.SelectMany(client => client.ViewsOf(room))])),
        ];
    }

    /// <summary>Everybody sees exactly those who are there, on whatever node: no ghost, and nobody missing.</summary>
    private static async Task SeeEachOtherAsync(ChaosClient[] clients)
    {
        var people = clients.SelectMany(client => client.RoomsIn, (client, room) => (room, client.User)).ToLookup(pair => pair.room, pair => pair.User);
        string[] wrong = [];
        try
        {
            await Within.True(GhostSeconds, () =>
            {
                wrong = [.. clients.SelectMany(client => client.WrongPeople(people))];
                return Task.FromResult(wrong.Length == 0);
            });
        }
        catch (TimeoutException)
        {
            Assert.Fail(string.Join('\n', [$"After {GhostSeconds} s:", .. wrong]));
        }
    }

    private static async Task WaitAllAsync(
        ChaosClient[] clients,
        Func<ChaosClient, CancellationToken, Task> wait,
        Func<ChaosClient, string> describe,
        [CallerArgumentExpression(nameof(wait))] string what = "")
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(SettleSeconds));
        var stuck = new List<string>();
        foreach (var client in clients)
        {
            try
            {
                await wait(client, limit.Token);
            }
            catch (OperationCanceledException)
            {
                stuck.Add(describe(client));
            }
        }

        Assert.True(stuck.Count == 0, string.Join('\n', [$"{SettleSeconds} s after all was healed, still waiting ({what}):", .. stuck]));
    }

    private static ClusterOptions Options(RedisServerKind redis) => new()
    {
        Nodes = 3,
        Redis = redis,
        RedisSettings = redis == RedisServerKind.RedisServer ? ["--appendfsync", "always"] : [],
        NodeSettings =
        [
            "PingPeriod=00:00:03", "PongTimeout=00:00:03", "DrainTimeout=00:00:05", "RecheckPeriod=00:00:05", "LogMessagesMax=1000000",
        ],
    };

    private static string Command(ChaosSettings settings) =>
        settings.Command(nameof(Every_view_of_every_room_equals_its_log_whatever_fails));

    private static string Report(ChaosSettings settings, Nemesis nemesis, TestCluster cluster, Exception exception) => string.Join(
        '\n',
        [
            exception.Message,
            $"Seed {settings.Seed}. Again: {Command(settings)}",
            "What was done:",
            .. nemesis.Deeds,
            .. cluster.Nodes.Select(node => $"Node {node.Id} printed last:\n{node.Output}"),
        ]);

    private void Say(string line)
    {
        output.WriteLine(line);
        TestContext.Current.SendDiagnosticMessage(line);
    }
}
