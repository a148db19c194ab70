using System.Collections.Concurrent;
using Chat.Lab.Clients;
using Chat.Lab.Cluster;
using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>What an experiment works with: the cluster, the crowd, the clock, and a notebook.</summary>
internal sealed class Trial(LabCluster cluster, Crowd crowd, Setting setting, ILabProgress progress)
{
    private const double WaitSecondsMax = 60;

    private readonly ConcurrentDictionary<string, double> _numbers = new();
    private readonly ConcurrentQueue<FaultSpan> _faults = new();
    private readonly ConcurrentQueue<TimelineEvent> _events = new();

    public LabCluster Cluster => cluster;

    public Crowd Crowd => crowd;

    public Setting Setting => setting;

    public LabClock Clock => crowd.Clock;

    /// <summary>The same for every run with the same seed.</summary>
    public Random Random { get; } = new(setting.Parameters.Seed);

    public IReadOnlyDictionary<string, double> Numbers => _numbers;

    public IReadOnlyList<FaultSpan> Faults => [.. _faults];

    public IReadOnlyList<TimelineEvent> Events => [.. _events];

    public void Note(string name, double value) => _numbers[name] = value;

    public void Mark(string what, int count = 1) => _events.Enqueue(new TimelineEvent(Clock.Now, what, count));

    /// <summary>Something is broken until the answer is disposed.</summary>
    public IDisposable Break(string name)
    {
        progress.FaultBegan(name);
        return new Broken(this, name, Clock.Now);
    }

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

    private sealed class Broken(Trial trial, string name, double from) : IDisposable
    {
        public void Dispose()
        {
            trial._faults.Enqueue(new FaultSpan(from, trial.Clock.Now, name));
            trial.Progress.FaultEnded(name);
        }
    }

    private ILabProgress Progress => progress;
}
