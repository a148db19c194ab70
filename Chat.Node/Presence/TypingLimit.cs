namespace Chat.Node.Presence;

/// <summary>Lets some through in each period. Safe to call from any thread.</summary>
internal sealed class TypingLimit(int most, TimeSpan period, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _since;
    private int _count;

    public bool Allows()
    {
        lock (_gate)
        {
            if (_count == 0 || time.GetElapsedTime(_since) >= period)
            {
                (_since, _count) = (time.GetTimestamp(), 0);
            }

            return ++_count <= most;
        }
    }
}
