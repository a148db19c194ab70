using System.Diagnostics;
using Chat.Benchmarks.Load;

namespace Chat.Benchmarks.Balancing;

/// <summary>Looks every half second at how many clients are where.</summary>
internal sealed class EvennessWatch(Reactor reactor, ReturningCrowd crowd, ChatCluster cluster, BalancingSettings settings)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan EventMax = TimeSpan.FromSeconds(180);

    /// <summary>Even for so long, and nobody moved any more: that is how it stays.</summary>
    private static readonly TimeSpan CalmTime = TimeSpan.FromSeconds(15);

    private readonly List<EvennessSample> _samples = [];
    private long _begin;
    private bool _over;

    public IReadOnlyList<EvennessSample> Samples => _samples;

    /// <summary>When what happened was over.</summary>
    public double EventSeconds { get; private set; }

    private double Now => Stopwatch.GetElapsedTime(_begin).TotalSeconds;

    /// <summary>What is uneven from the start may be shed before anything happens.</summary>
    public void Settle()
    {
        reactor.Run(SettleTime);
        crowd.Reset();
    }

    /// <summary>Watches while something happens.</summary>
    /// <param name="happening">Completes when all nodes are ready again.</param>
    public void Observe(Task happening)
    {
        _begin = Stopwatch.GetTimestamp();
        Sample();
        if (!reactor.RunUntil(() => happening.IsCompleted, EventMax))
        {
            throw new InvalidOperationException("What should happen takes too long.");
        }

        happening.GetAwaiter().GetResult();
        EventSeconds = Now;
    }

    /// <summary>Watches what becomes of it, until it has long been even, or the time is over. Without shedding, nothing more would come.</summary>
    public void ObserveAfter(bool shedding)
    {
        var most = TimeSpan.FromSeconds(shedding ? settings.Watch : Math.Min(settings.Watch, CalmTime.TotalSeconds));
        var calmSince = Now;
        var closed = crowd.ClosedCount;
        reactor.RunUntil(
            () =>
            {
                if (_samples[^1].Ratio > EvennessResult.EvenRatio || crowd.ClosedCount != closed)
                {
                    (calmSince, closed) = (Now, crowd.ClosedCount);
                }

                return Now - calmSince >= CalmTime.TotalSeconds;
            },
            most);
        _over = true;
    }

    private void Sample()
    {
        if (_over)
        {
            return;
        }

        // An empty node counts as soon as it is ready, one that leaves no more.
        var counts = crowd.CountByNode();
        var loads = cluster.Ready.Select(node => counts.GetValueOrDefault(node)).ToArray();
        _samples.Add(new EvennessSample(Now, loads.Max() / Math.Max(1, loads.Average())));
        reactor.After(Period, Sample);
    }
}
