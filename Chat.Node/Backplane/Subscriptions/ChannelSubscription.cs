namespace Chat.Node.Backplane.Subscriptions;

/// <summary>One channel of Redis that this node listens to.</summary>
/// <param name="received">Called in the channel's order, one at a time. Must not wait.</param>
/// <param name="lost">Something may have been missed: read it from where it is kept. Called from any thread; must not wait.</param>
internal sealed class ChannelSubscription(string channel, Action<byte[]> received, Action lost)
{
    private volatile bool _ended;

    public string Channel => channel;

    /// <summary>Ends when the server has confirmed it for the first time.</summary>
    public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Received(byte[] payload)
    {
        if (!_ended)
        {
            received(payload);
        }
    }

    public void Lost()
    {
        if (!_ended)
        {
            lost();
        }
    }

    public void End() => _ended = true;
}
