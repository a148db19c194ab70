using Chat.Balancer.Destinations;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Picking;

/// <summary>How far a newcomer, or one that is back, has come: its share of the picks, and of what others move to it, grows to 1.</summary>
internal sealed class SlowStart(IOptions<BalancerOptions> options, TimeProvider clock)
{
    private const double ShareMin = 0.1;

    private readonly TimeSpan _time = TimeSpan.FromSeconds(options.Value.SlowStartSeconds);

    public double ShareOf(Destination destination) =>
        _time <= TimeSpan.Zero ? 1 : Math.Clamp(clock.GetElapsedTime(destination.Since) / _time, ShareMin, 1);
}
