namespace Chat.Node.Admission;

/// <summary>How many frames of any kind one connection may send: a bucket in memory. Only its read loop touches it.</summary>
internal sealed class FrameBudget(double perSecond, double burst, TimeProvider time)
{
    private double _spent;
    private long _at;

    public bool TryTake()
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
