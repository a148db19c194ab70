using Microsoft.Extensions.Options;

namespace Chat.Balancer.Destinations;

/// <summary>Judges each handshake by what the other nodes do, and never ejects more nodes than may be: a wrong verdict on all must not be an outage.</summary>
internal sealed class Outliers(DestinationTable table, DestinationNews news, IOptions<BalancerOptions> options)
{
    private readonly BalancerOptions _options = options.Value;

    public void Answered(Destination destination, TimeSpan latency)
    {
        var slow = IsSlow(destination, latency);
        Tell(destination, destination.Standing.Answered(latency, slow, slow && MayEject()), "its handshakes take far longer than the others'");
    }

    public void Failed(Destination destination, string why) =>
        Tell(destination, destination.Standing.Failed(MayEject()), why);

    private void Tell(Destination destination, StandingChange change, string why)
    {
        if (change == StandingChange.Ejected)
        {
            news.Ejected(destination.Id, why);
        }
        else if (change == StandingChange.Returned)
        {
            destination.SlowStartAgain();
            news.Readmitted(destination.Id);
        }
    }

    /// <summary>Against the median of the others: when all are slow, nobody is.</summary>
    private bool IsSlow(Destination destination, TimeSpan latency)
    {
        if (latency.TotalMilliseconds < _options.OutlierSlowMsMin)
        {
            return false;
        }

        var others = table.Current
            .Where(view => view.Ready && view.Destination != destination && view.Destination.Standing.State == StandingState.Good)
            .Select(view => view.Destination.Standing.LatencyMs)
            .OfType<double>()
            .Order()
            .ToList();
        return others.Count > 0 && latency.TotalMilliseconds > others[others.Count / 2] * _options.OutlierSlowRatioMin;
    }

    private bool MayEject()
    {
        var ready = table.Current.Where(view => view.Ready).ToList();
        var ejected = ready.Count(view => view.Destination.Standing.State != StandingState.Good);
        return ejected + 1 <= ready.Count * _options.OutlierEjectedRatioMax;
    }
}
