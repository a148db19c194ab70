using System.Collections.Concurrent;
using Chat.Lab.Checking;
using Chat.Lab.Clients;
using Chat.Lab.Cluster;
using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>What an experiment works with: the cluster, the crowd, the clock, and a notebook.</summary>
internal sealed class Trial(string name, LabCluster cluster, Crowd crowd, Setting setting, ILabProgress progress)
{
    private const double WaitSecondsMax = 60;

    private readonly ConcurrentDictionary<string, double> _numbers = new();
    private readonly ConcurrentQueue<FaultSpan> _faults = new();
    private readonly ConcurrentQueue<TimelineEvent> _events = new();
    private readonly ConcurrentQueue<KeptLog> _kept = new();
    private ClusterNode? _victim;

    public LabCluster Cluster => cluster;

    public Crowd Crowd => crowd;

    public Setting Setting => setting;

    public LabClock Clock => crowd.Clock;

    /// <summary>The same for every run of the same experiment with the same seed.</summary>
    public Random Random { get; } = Seeds.For(setting.Parameters.Seed, $"faults of {name}");

    /// <summary>The node that something is done to: another one for another seed.</summary>
    public ClusterNode Victim => _victim ??= cluster.Nodes[Random.Next(cluster.Nodes.Count)];

    /// <summary>When Redis went back to what it had been, and from when on it kept everything again; null where it lost nothing on purpose.</summary>
    public DataLoss? Loss { get; private set; }

    /// <summary>Logs that were read on the way.</summary>
    public IReadOnlyList<KeptLog> Kept => [.. _kept];

    public IReadOnlyDictionary<string, double> Numbers => _numbers;

    public IReadOnlyList<FaultSpan> Faults => [.. _faults];

    public IReadOnlyList<TimelineEvent> Events => [.. _events];

    public void Note(string name, double value) => _numbers[name] = value;

    public void Mark(string what, int count = 1) => _events.Enqueue(new TimelineEvent(Clock.Now, what, count));

    /// <summary>Something is broken until the answer is disposed.</summary>
    /// <param name="concerns">Ids of nodes and users that it is done to; none when it concerns all.</param>
    public IDisposable Break(string name, params string[] concerns)
    {
        progress.FaultBegan(name);
        return new Broken(this, name, concerns.Length == 0 ? null : concerns, Clock.Now);
    }

    /// <summary>Redis goes back to an earlier state, or to none, while this runs.</summary>
    public async Task LoseAsync(Func<Task> lose)
    {
        var from = Clock.Now;
        await lose();
        Loss = new DataLoss(from, Clock.Now);
    }

    /// <summary>Reads what Redis holds of every room: it has to stand there at the end.</summary>
    /// <param name="when">In words: <c>before the replica went deaf</c>.</param>
    public async Task KeepAsync(string when)
    {
        if (setting.KeepsLog)
        {
            _kept.Enqueue(new KeptLog(when, await ReadLogAsync()));
        }
    }

    public Task<IReadOnlyDictionary<string, IReadOnlyList<LogEntry>>> ReadLogAsync() =>
        RedisLog.ReadAsync(cluster.Redis.Port, setting.Strategy == "streams", crowd.Clients.SelectMany(client => client.RoomNames).Distinct());

    /// <summary>Lets the load flow for so long.</summary>
    public static async Task FlowAsync(double seconds, CancellationToken cancellationToken)
    {
        if (seconds > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>What is usual before a fault and after it: so much of the time that a cell has.</summary>
    public Task FlowAsync(CancellationToken cancellationToken) => FlowAsync(QuarterSeconds, cancellationToken);

    public double QuarterSeconds => setting.Parameters.Seconds / 4;

    /// <summary>Lets the load flow until something holds that announces itself to nobody.</summary>
    /// <exception cref="TimeoutException">It does not come about.</exception>
    public static Task WaitAsync(Func<Task<bool>> holds, string what, CancellationToken cancellationToken) =>
        Processes.Await.True(WaitSecondsMax, holds, what, cancellationToken);

    private sealed class Broken(Trial trial, string name, string[]? concerns, double from) : IDisposable
    {
        public void Dispose()
        {
            trial._faults.Enqueue(new FaultSpan(from, trial.Clock.Now, name, concerns));
            trial.Progress.FaultEnded(name);
        }
    }

    private ILabProgress Progress => progress;
}
