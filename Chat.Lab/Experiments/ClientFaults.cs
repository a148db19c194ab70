using System.Buffers.Text;
using System.Text.Json;
using Chat.Lab.Clients;
using Chat.Lab.Cluster;
using Chat.Lab.Faults;
using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>A node dies, and the people on it do not come back.</summary>
internal sealed class NodeDeath : Experiment
{
    private const double LeaseSeconds = 5;

    public override ExperimentSummary Summary => new(
        "node-death", "F28", "A node dies and takes its people with it", "node SIGKILL, its clients gone for good",
        "Nobody is left to say that they have gone: without a lease they stay for ever.");

    public override IReadOnlyList<Quantity> Quantities =>
        [Standard.Ghosts, Standard.UnnoticedLoss];

    // Presence is the same in all strategies.
    public override bool Suits(string strategy) => strategy == "log";

    public override Load Load(LabParameters parameters) => Experiments.Load.Of(parameters) with { OwnLinks = parameters.Clients };

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var node = trial.Victim;
        var lost = trial.Crowd.ByNode()[node.Id].ToArray();
        using (trial.Break($"{node.Id} and its {lost.Length} people are gone", [node.Id, .. lost.Select(client => client.User)]))
        {
            foreach (var client in lost)
            {
                client.Link!.Set(Fault.Refuse);
                client.MarkGone();
            }

            await node.KillAsync();
            await Trial.FlowAsync((2 * LeaseSeconds) + Bounds.SlackSeconds, cancellationToken);
        }
    }
}

/// <summary>Clients whose network is gone: nobody closes anything.</summary>
internal sealed class HalfOpen : Experiment
{
    private const int Gone = 4;
    private const double PingSeconds = 2;
    private const double PongSeconds = 2;
    private const double GraceSeconds = 2;

    public override ExperimentSummary Summary => new(
        "half-open", "F37", "Clients that vanish without a close", "client–balancer black hole, for good",
        "TCP itself would take minutes to find out; a ping that stays without its pong takes seconds.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.Ghosts,
        Standard.UnnoticedLoss,
    ];

    /// <summary>A ping period, the time for its pong, the grace period.</summary>
    public override Bounds Bounds => Bounds.Usual with { GhostSeconds = PingSeconds + PongSeconds + GraceSeconds };

    // Presence is the same in all strategies.
    public override bool Suits(string strategy) => strategy == "log";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with
    {
        NodeSettings = [.. plan.NodeSettings, $"PingPeriod=00:00:0{PingSeconds}", $"PongTimeout=00:00:0{PongSeconds}", $"PresenceGrace=00:00:0{GraceSeconds}"],
    };

    public override Load Load(LabParameters parameters) => Experiments.Load.Of(parameters) with { OwnLinks = Gone };

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        using (trial.Break($"{Gone} clients vanish", [.. Enumerable.Range(0, Gone).Select(Experiments.Load.UserOf)]))
        {
            for (var i = 0; i < Gone; i++)
            {
                trial.Crowd[i].Link!.Set(Fault.BlackHole);
                trial.Crowd[i].MarkGone();
            }

            await Trial.FlowAsync(PingSeconds + PongSeconds + GraceSeconds + 4, cancellationToken);
        }
    }
}

/// <summary>An ack is lost on its way; the client comes back, likely on another node, and sends again.</summary>
internal sealed class AckLost : Experiment
{
    private const int Writers = 4;
    private const int Times = 3;
    private const string Elsewhere = "retries that landed on another node";

    public override ExperimentSummary Summary => new(
        "ack-lost", "F21", "The ack is lost, and the retry lands on another node", "client–balancer one-way, then cut",
        "To the client a lost ack is a lost message: it sends again, and whoever does not remember ids shows it twice.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.Duplicates,
        Standard.UnnoticedLoss,
        Standard.Noted(Elsewhere, "messages"),
    ];

    public override bool Suits(string strategy) => strategy != "local";

    public override Load Load(LabParameters parameters) => Experiments.Load.Of(parameters) with { OwnLinks = Writers, MessagesPerSecond = 10 };

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var elsewhere = 0;
        for (var i = 0; i < Writers * Times; i++)
        {
            var index = i % Writers;
            var (client, room) = (trial.Crowd[index], trial.Setting.Load.RoomOf(index));
            await Trial.WaitAsync(() => Task.FromResult(client.Node is not null && client.Open == 0), $"{client.User} is back", cancellationToken);
            using (trial.Break($"an ack to {client.User} is lost", client.User))
            {
                var before = client.Node;
                client.Link!.Set(Fault.BlackHoleFromTarget);
                client.Send(room);
                var id = client.LastId;
                await Trial.WaitAsync(
                    () => Task.FromResult(trial.Crowd.Clients.Any(other => other != client && other.HasShown(room, client.User, id))),
                    $"somebody sees {id}",
                    cancellationToken);
                client.Link.Cut();
                client.Link.Set(Fault.Pass);
                await Trial.WaitAsync(() => Task.FromResult(client.Node is not null && client.Open == 0), $"{client.User} has its ack", cancellationToken);
                elsewhere += client.Node == before ? 0 : 1;
            }
        }

        trial.Note(Elsewhere, elsewhere);

        await trial.FlowAsync(cancellationToken);
    }
}

/// <summary>A node with a part of many connections dies: they all come back at once.</summary>
internal sealed class ReconnectStorm : Experiment
{
    private const int ClientsCount = 450;
    private const double BackoffSeconds = 2;
    private const double BucketSeconds = 0.1;

    private const string Peak = "peak of returns in 0.1 s";
    private const string BackAfter = "99 % are back after";

    /// <summary>The first backoff to its end, and for those whose first try failed the second, which is twice as long.</summary>
    private const double BackSecondsMax = 3 * BackoffSeconds;

    /// <summary>Spread over the backoff, a tenth of a second gets a twentieth of them; this leaves room for chance.</summary>
    private const double PeakShareMax = 0.25;

    public override ExperimentSummary Summary => new(
        "reconnect-storm", "F31", "Everyone on a dead node comes back", "node SIGKILL under many connections",
        "Clients that wait the same time come back in one wave; those that wait at random come back as a trickle.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        new Quantity(Peak, "%", outcome => 100 * PeakShare(outcome)),
        Standard.Noted(BackAfter, "s"),
        Standard.UnnoticedLoss,
    ];

    public override bool Suits(string strategy) => strategy == "log";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with { ClientLinks = false };

    public override Load Load(LabParameters parameters) => new(ClientsCount, ClientsCount / 10, 30, BackoffSeconds: BackoffSeconds);

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var node = trial.Victim;
        var lost = trial.Crowd.ByNode()[node.Id].ToArray();
        using (trial.Break($"{node.Id} killed under {lost.Length} clients", node.Id))
        {
            await node.KillAsync();
            var killedAt = trial.Clock.Now;
            trial.Note("killed at", killedAt);
            trial.Note("lost connections", lost.Length);
            await Trial.WaitAsync(() => Task.FromResult(lost.All(client => client.Node != node.Id)), "all have noticed", cancellationToken);
            await Trial.WaitAsync(() => Task.FromResult(lost.Count(client => client.Node is not null) >= 0.99 * lost.Length), "99 % are back", cancellationToken);
            trial.Note(BackAfter, trial.Clock.Now - killedAt);
        }

        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) =>
    [
        Promise.AtMost(PromiseKind.Leaving, Peak, 100 * PeakShare(outcome), "%", 100 * PeakShareMax),
        Promise.AtMost(PromiseKind.Leaving, BackAfter, outcome.Number(BackAfter), "s", BackSecondsMax + Bounds.SlackSeconds),
    ];

    /// <summary>The largest share of the lost connections that was back within one moment.</summary>
    private static double PeakShare(Outcome outcome)
    {
        var returns = outcome.Evidence.Clients
            .Select(client => client.Statuses.SkipWhile(status => status.At < outcome.Number("killed at") || status.Node is not null).FirstOrDefault(status => status.Node is not null))
            .OfType<Checking.StatusRecord>().Select(status => status.At).Order().ToArray();
        return returns.Length == 0 ? 0 : returns.Max(at => returns.Count(other => other >= at && other < at + BucketSeconds)) / (double)returns.Length;
    }
}

/// <summary>A token ends while its connection lives.</summary>
internal sealed class TokenExpiry : Experiment
{
    private const double LifeSeconds = 6;

    public override ExperimentSummary Summary => new(
        "token-expiry", "F46", "Tokens expire under live connections", "tokens of 6 s",
        "Who renews in band notices nothing; who does not is closed when the token ends, and not later.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        new Quantity("cut off, times", "clients", outcome => outcome.Findings.GapsSeconds.Count),
        Standard.Noted("used after its end", "s"),
        Standard.UnnoticedLoss,
    ];

    public override bool Suits(string strategy) => strategy == "log";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with { NodeSettings = [.. plan.NodeSettings, $"TokenLifetime=00:00:0{LifeSeconds}"] };

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        var token = await trial.Crowd.LoginAsync("forgetful", cancellationToken);
        var endsAt = trial.Clock.Now + (EndOf(token) - TimeProvider.System.GetUtcNow()).TotalSeconds;
        var forgetful = trial.Crowd.Add("forgetful", change: options => options with { Token = _ => Task.FromResult(token) });
        await forgetful.JoinAsync(trial.Setting.Load.RoomOf(0), cancellationToken);
        using (trial.Break("one client never renews its token", "forgetful"))
        {
            await Trial.WaitAsync(() => Task.FromResult(forgetful.Node is null), "the forgetful one is closed", cancellationToken);
            trial.Note("used after its end", trial.Clock.Now - endsAt);
            forgetful.MarkGone();
        }

        await trial.FlowAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
    }

    /// <summary>In whole seconds (RFC 7519, NumericDate as it is issued): up to a second before the lifetime is over.</summary>
    private static DateTimeOffset EndOf(string token)
    {
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
        return DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) =>
    [
        Promise.AtMost(PromiseKind.Limits, "a token ends its connection, after its end", outcome.Number("used after its end"), "s", 1.5),
        Promise.Reaches(PromiseKind.Limits, "a token ends its connection, not before its end", outcome.Number("used after its end"), "s", 0),
        Promise.Never(PromiseKind.Limits, "somebody was cut off whose token was renewed", outcome.Findings.GapsSeconds.Count),
    ];
}

/// <summary>One user on every node at once.</summary>
internal sealed class RateLimit : Experiment
{
    private const double PerSecond = 10;
    private const int Burst = 20;

    public override ExperimentSummary Summary => new(
        "rate-limit", "F45", "One user writes through every node", "one user, a connection per node",
        "A limit kept in each node is N times the limit; one budget in Redis is the limit.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.Noted("accepted from one user", "/s"),
    ];

    public override bool Suits(string strategy) => strategy == "log";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with
    {
        NodeSettings = [.. plan.NodeSettings, $"SendsPerSecond={PerSecond}", $"SendsBurst={Burst}", "SendsPrepaid=5"],
    };

    public override Load Load(LabParameters parameters) => Experiments.Load.Of(parameters) with { MessagesPerSecond = 5 };

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        var connections = trial.Cluster.Nodes.Select(node => trial.Crowd.Add("greedy", url: node.DirectUrl)).ToArray();
        string[] rooms = [.. Enumerable.Range(0, 4).Select(index => $"greedy-{index}")];
        foreach (var connection in connections)
        {
            foreach (var room in rooms)
            {
                await connection.JoinAsync(room, cancellationToken);
            }
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = connections.Select(connection => PressAsync(connection, rooms, enough.Token)).ToArray();
        using (trial.Break("one user writes as fast as he can, through every node", "greedy"))
        {
            await Trial.FlowAsync((Burst / PerSecond) + 1, cancellationToken);
            var (from, before) = (trial.Clock.Now, connections.Sum(connection => connection.Acked));
            await Trial.FlowAsync(trial.Setting.Parameters.Seconds, cancellationToken);
            trial.Note("accepted from one user", (connections.Sum(connection => connection.Acked) - before) / (trial.Clock.Now - from));
        }

        await enough.CancelAsync();
        await Task.WhenAll(writing);
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) =>
    [
        Promise.AtMost(PromiseKind.Limits, "accepted from one user", outcome.Number("accepted from one user"), "/s", 1.5 * PerSecond),
        Promise.Reaches(PromiseKind.Limits, "accepted from one user", outcome.Number("accepted from one user"), "/s", 0.5 * PerSecond),
    ];

    private static async Task PressAsync(LabClient client, string[] rooms, CancellationToken stop)
    {
        const int OpenMax = 8;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            if (client.Open < OpenMax)
            {
                client.Send(rooms[i % rooms.Length]);
            }

            await ((Task)timer.WaitForNextTickAsync(stop).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
