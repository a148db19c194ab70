using System.Collections.Immutable;
using Chat.Balancer.Destinations;

namespace Chat.Balancer.Picking;

/// <summary>Decides who may be picked, and lets the policy pick.</summary>
internal sealed class Picker(
    DestinationTable table,
    IPickPolicy policy,
    Steering steering,
    SlowStart slowStart,
    Random random)
{
    private readonly LeastConnections _emptiest = new(random);

    /// <param name="lasting">It is for a connection that stays, not for one request.</param>
    /// <param name="tried">Destinations that could not be reached for this request.</param>
    /// <returns>Null when there is none: the client is told to come back.</returns>
    public DestinationView? Pick(PickKey key, bool lasting, IReadOnlyCollection<Destination> tried)
    {
        var all = table.Current;
        var candidates = Candidates(all, lasting, tried);
        if (candidates.Length == 0)
        {
            return null;
        }

        // Who is tried again has had his turn: he is not one more of those that were asked to move.
        var view = lasting && tried.Count == 0 && steering.TryTake()
            ? _emptiest.Pick(TakingPart(candidates, view => 1 - view.Destination.Standing.Penalty), key)
            : policy.Pick(TakingPart(candidates, view => slowStart.ShareOf(view.Destination) * (1 - view.Destination.Standing.Penalty)), key);
        view.Destination.Picked(lasting);
        return view;
    }

    /// <returns>True when a handshake that failed on these could be tried elsewhere.</returns>
    public bool HasOther(IReadOnlyCollection<Destination> tried) => Candidates(table.Current, lasting: true, tried).Length > 0;

    /// <summary>Healthy ones; when all look bad, all that say they are ready: a wrong verdict on all must not be an outage.</summary>
    private static DestinationView[] Candidates(ImmutableArray<DestinationView> all, bool lasting, IReadOnlyCollection<Destination> tried)
    {
        // On trial is who is tried out with handshakes; a request would prove nothing.
        var usable = all.Where(view => view.Usable && (lasting || view.Destination.Standing.State == StandingState.Good) && !tried.Contains(view.Destination)).ToArray();
        return usable.Length > 0 || all.Any(view => view.Usable)
            ? usable
            : all.Where(view => view.Ready && !tried.Contains(view.Destination)).ToArray();
    }

    /// <summary>Each takes part in its share of the picks, as long as there is anyone else.</summary>
    private DestinationView[] TakingPart(DestinationView[] candidates, Func<DestinationView, double> shareOf)
    {
        if (candidates.Length == 1)
        {
            return candidates;
        }

        var takingPart = candidates.Where(view => shareOf(view) is var share && (share >= 1 || random.NextDouble() < share)).ToArray();
        return takingPart.Length > 0 ? takingPart : candidates;
    }
}
