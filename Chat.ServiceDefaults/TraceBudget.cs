namespace Chat.ServiceDefaults;

/// <summary>How many traces those outside may have recorded: a bucket. Safe to call from any thread.</summary>
/// <param name="burst">As many at once; 0 for none ever.</param>
public sealed class TraceBudget(double perSecond, double burst, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _spent;
    private long _at = time.GetTimestamp();

    public bool TryTake()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _spent = Math.Max(0, _spent - (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
            _at = now;
            if (_spent + 1 > burst)
            {
                return false;
            }

            _spent++;
            return true;
        }
    }
}
