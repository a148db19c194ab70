namespace Chat.Node.Admission;

/// <summary>Sends that one connection has taken from its user's budget and not used yet. Only its read loop touches it.</summary>
internal sealed class SendCredit
{
    private int _left;
    private long _filledAt;
    private TimeSpan _lifetime;

    /// <summary>Credit that was kept too long is void: it would let old silence pay for a burst.</summary>
    public bool TrySpend(TimeProvider time)
    {
        if (_left == 0 || time.GetElapsedTime(_filledAt) > _lifetime)
        {
            return false;
        }

        _left--;
        return true;
    }

    public void Fill(int sends, TimeProvider time, TimeSpan lifetime) =>
        (_left, _filledAt, _lifetime) = (sends, time.GetTimestamp(), lifetime);
}
