namespace Chat.Balancer.Destinations;

/// <summary>
/// What a destination's handshakes say about it: passive evidence, apart from what its probes say. Failures in a row, or too large a share of
/// failures over the last seconds, eject it for a time that doubles with each repetition; then one handshake at a time tries it out.
/// The share of failures fades with time, and is what the picks hold against it meanwhile. Safe to call from any thread.
/// </summary>
internal sealed class Standing(StandingRules rules, TimeProvider clock)
{
    /// <summary>Below this many answers nobody knows how fast it usually is.</summary>
    private const int LatenciesMin = 5;

    private const double LatencyWeight = 0.1;

    private readonly Lock _lock = new();
    private double _good;
    private double _bad;
    private long _weighedAt = clock.GetTimestamp();
    private int _failuresInRow;
    private double _latencyMs;
    private long _latencies;
    private bool _ejected;
    private long _ejectedUntil;
    private int _ejections;
    private long _ejectionsInAll;
    private bool _tryingOut;

    /// <summary>How it stands now. An ejected destination gets nothing; one on trial gets one handshake at a time.</summary>
    public StandingState State
    {
        get
        {
            lock (_lock)
            {
                return !_ejected ? StandingState.Good
                    : clock.GetTimestamp() < _ejectedUntil || _tryingOut ? StandingState.Ejected
                    : StandingState.OnTrial;
            }
        }
    }

    /// <summary>0 to 1: the share of its picks that it does not get.</summary>
    public double Penalty
    {
        get
        {
            lock (_lock)
            {
                Fade();
                return _bad / (_good + _bad + 1);
            }
        }
    }

    public long Ejections => Volatile.Read(ref _ejectionsInAll);

    /// <summary>How long it usually takes to answer a handshake; null when too few are known.</summary>
    public double? LatencyMs
    {
        get
        {
            lock (_lock)
            {
                return _latencies < LatenciesMin ? null : _latencyMs;
            }
        }
    }

    /// <summary>It was picked for a handshake: the caller says with one of the others how that went.</summary>
    public void Tried()
    {
        lock (_lock)
        {
            _tryingOut = _ejected;
        }
    }

    /// <summary>It could not be told: the client left, or this side had no room.</summary>
    public void Unknown()
    {
        lock (_lock)
        {
            _tryingOut = false;
        }
    }

    /// <param name="slow">It answered, and far later than the others do: a failure, though not one of those in a row.</param>
    /// <param name="mayEject">Not too many others are ejected.</param>
    public StandingChange Answered(TimeSpan latency, bool slow, bool mayEject)
    {
        lock (_lock)
        {
            _latencyMs = _latencies++ == 0 ? latency.TotalMilliseconds
                : (_latencyMs * (1 - LatencyWeight)) + (latency.TotalMilliseconds * LatencyWeight);
            _failuresInRow = 0;
            var passedItsTrial = _tryingOut && !slow;
            if (slow)
            {
                return Count(bad: true, mayEject);
            }

            Count(bad: false, mayEject: false);
            return passedItsTrial ? Return() : StandingChange.None;
        }
    }

    /// <param name="mayEject">Not too many others are ejected.</param>
    public StandingChange Failed(bool mayEject)
    {
        lock (_lock)
        {
            _failuresInRow++;
            return Count(bad: true, mayEject);
        }
    }

    private StandingChange Count(bool bad, bool mayEject)
    {
        Fade();
        (_good, _bad) = bad ? (_good, _bad + 1) : (_good + 1, _bad);
        var failedItsTrial = bad && _tryingOut;
        _tryingOut = false;
        if (failedItsTrial)
        {
            Eject();
            return StandingChange.Ejected;
        }

        var tooMuch = _failuresInRow >= rules.FailuresInRow || (_bad >= rules.FailuresMin && _bad >= rules.RatioMin * (_good + _bad));
        if (!bad || _ejected || !mayEject || !tooMuch)
        {
            return StandingChange.None;
        }

        Eject();
        return StandingChange.Ejected;
    }

    private void Eject()
    {
        var forgiven = _ejections > 0 && clock.GetElapsedTime(_ejectedUntil) > rules.EjectMax;
        _ejections = forgiven ? 1 : _ejections + 1;
        var time = Math.Min(rules.EjectMax.TotalSeconds, rules.Eject.TotalSeconds * Math.Pow(2, _ejections - 1));
        _ejected = true;
        _ejectedUntil = clock.GetTimestamp() + (long)(time * clock.TimestampFrequency);
        Interlocked.Increment(ref _ejectionsInAll);
    }

    private StandingChange Return()
    {
        _ejected = false;
        (_good, _bad) = (0, 0);
        return StandingChange.Returned;
    }

    private void Fade()
    {
        var now = clock.GetTimestamp();
        var share = Math.Pow(0.5, clock.GetElapsedTime(_weighedAt, now) / rules.HalfLife);
        (_good, _bad, _weighedAt) = (_good * share, _bad * share, now);
    }
}

internal enum StandingState
{
    Good,
    OnTrial,
    Ejected,
}

internal enum StandingChange
{
    None,
    Ejected,
    Returned,
}

/// <summary>See the options of the same names, <c>Outlier…</c>.</summary>
internal readonly record struct StandingRules(
    int FailuresInRow, double FailuresMin, double RatioMin, TimeSpan HalfLife, TimeSpan Eject, TimeSpan EjectMax)
{
    public static StandingRules Of(BalancerOptions options) => new(
        options.OutlierFailuresInRow,
        options.OutlierFailuresMin,
        options.OutlierRatioMin,
        TimeSpan.FromSeconds(options.OutlierHalfLifeSeconds),
        TimeSpan.FromSeconds(options.OutlierEjectSeconds),
        TimeSpan.FromSeconds(options.OutlierEjectSecondsMax));
}
