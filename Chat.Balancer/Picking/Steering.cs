using Microsoft.Extensions.Options;

namespace Chat.Balancer.Picking;

/// <summary>
/// So many of the next connections are clients that were just asked to move. They go to the emptiest node whatever the policy: by the
/// policy, half of them or more would come back to where they were. The number is a batch, so it is no stampede.
/// </summary>
internal sealed class Steering(IOptions<BalancerOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TimeSpan _window = TimeSpan.FromMilliseconds(options.Value.ShedWindowMs) + Slack;
    private int _expected;
    private long _since;

    /// <summary>Clients were asked to come back within the shedding window. Whoever of an earlier batch has not come by now does not count.</summary>
    public void Expect(int connections)
    {
        lock (_lock)
        {
            _expected = connections + (Fresh ? _expected : 0);
            _since = clock.GetTimestamp();
        }
    }

    /// <returns>True when this connection is to be taken for one of them.</returns>
    public bool TryTake()
    {
        lock (_lock)
        {
            if (_expected == 0 || !Fresh)
            {
                return false;
            }

            _expected--;
            return true;
        }
    }

    private bool Fresh => clock.GetElapsedTime(_since) < _window;
}
