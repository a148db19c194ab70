using System.Collections.Immutable;
using Chat.Balancer.Destinations;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Picking;

/// <summary>Decides who may be picked, and lets the policy pick.</summary>
internal sealed class Picker(
    DestinationTable table,
    IPickPolicy policy,
    Steering steering,
    IOptions<BalancerOptions> options,
    TimeProvider clock,
    Random random)
{
    private const double NewcomerShareMin = 0.1;

    private readonly LeastConnections _emptiest = new(random);
    private readonly TimeSpan _slowStart = TimeSpan.FromSeconds(options.Value.SlowStartSeconds);

    /// <param name="lasting">It is for a connection that stays, not for one request.</param>
    /// <param name="tried">Destinations that could not be reached for this request.</param>
    /// <returns>Null when there is none: the client is told to come back.</returns>
    public DestinationView? Pick(PickKey key, bool lasting, IReadOnlyCollection<Destination> tried)
    {
        var all = table.Current;
        var candidates = Candidates(all, tried);
        if (candidates.Length == 0)
        {
            return null;
        }

        var view = lasting && steering.TryTake()
            ? _emptiest.Pick(candidates, key)
            : policy.Pick(WithoutSomeNewcomers(candidates), key);
        view.Destination.Picked();
        return view;
    }

    /// <summary>Healthy ones; when all look bad, all that say they are ready: a wrong verdict on all must not be an outage.</summary>
    private static DestinationView[] Candidates(ImmutableArray<DestinationView> all, IReadOnlyCollection<Destination> tried)
    {
        var usable = all.Where(view => view.Usable && !tried.Contains(view.Destination)).ToArray();
        return usable.Length > 0 || all.Any(view => view.Usable)
            ? usable
            : all.Where(view => view.Ready && !tried.Contains(view.Destination)).ToArray();
    }

    /// <summary>Slow start: a newcomer takes part in a growing share of the picks, as long as there is anyone else.</summary>
    private DestinationView[] WithoutSomeNewcomers(DestinationView[] candidates)
    {
        if (candidates.Length == 1 || !candidates.Any(view => Share(view) < 1))
        {
            return candidates;
        }

        var takingPart = candidates.Where(view => Share(view) is var share && (share >= 1 || random.NextDouble() < share)).ToArray();
        return takingPart.Length > 0 ? takingPart : candidates;
    }

    private double Share(DestinationView view) =>
        _slowStart <= TimeSpan.Zero ? 1
            : Math.Max(NewcomerShareMin, clock.GetElapsedTime(view.Destination.Since) / _slowStart);
}
