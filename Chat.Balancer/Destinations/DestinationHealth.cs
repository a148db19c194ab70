namespace Chat.Balancer.Destinations;

/// <summary>What probes say: healthy or not, with hysteresis, and apart from that whether anybody is there at all. It takes several bad signs in a row to leave and several good ones to return.</summary>
internal sealed class DestinationHealth(HealthRules rules, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private bool _healthy = true;
    private int _against;
    private string _last = "none yet";
    private volatile bool _reachable = true;
    private volatile bool _answering = true;
    private long _answeredAt = clock.GetTimestamp();

    public bool Healthy
    {
        get
        {
            lock (_lock)
            {
                return _healthy;
            }
        }
    }

    /// <summary>What the last probe or sign said, for people.</summary>
    public string Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>The last probe's connection was taken: by the kernel at least.</summary>
    public bool Reachable => _reachable;

    /// <summary>The last probe had an answer, whatever it said.</summary>
    public bool Answering => _answering;

    /// <summary>For how long no probe has had any answer.</summary>
    public TimeSpan Silence => _answering ? TimeSpan.Zero : clock.GetElapsedTime(Volatile.Read(ref _answeredAt));

    /// <summary>Whether a probe found anybody there. A node that says that it is not ready is.</summary>
    public void Found(bool reachable, bool answering)
    {
        (_reachable, _answering) = (reachable, answering);
        if (answering)
        {
            Volatile.Write(ref _answeredAt, clock.GetTimestamp());
        }
    }

    /// <returns>True when it has become healthy by this.</returns>
    public bool Succeed()
    {
        lock (_lock)
        {
            _last = "ok";
            return Count(good: true, rules.SuccessesToReturn);
        }
    }

    /// <param name="certain">One such sign is enough.</param>
    /// <returns>True when it has become unhealthy by this.</returns>
    public bool Fail(bool certain, string why = "connection failed")
    {
        lock (_lock)
        {
            _last = why;
            return Count(good: false, certain ? 1 : rules.FailuresToLeave);
        }
    }

    private bool Count(bool good, int needed)
    {
        if (good == _healthy)
        {
            _against = 0;
            return false;
        }

        if (++_against < needed)
        {
            return false;
        }

        (_healthy, _against) = (good, 0);
        return true;
    }
}

/// <summary>How many signs in a row change a destination's health.</summary>
internal readonly record struct HealthRules(int FailuresToLeave, int SuccessesToReturn);
