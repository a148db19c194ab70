namespace Chat.Node.Backplane.Subscriptions;

/// <summary>One channel of Redis that this node listens to.</summary>
/// <param name="received">Called in the channel's order, one at a time. Must not wait.</param>
/// <param name="lost">Something may have been missed: read it from where it is kept. Called from any thread; must not wait.</param>
/// <param name="arrived">Called on the thread that reads the connection, before anything waits for its turn: says that the node hears, not that it keeps up.</param>
internal sealed class ChannelSubscription(string channel, Action<byte[]> received, Action lost, Action? arrived = null)
{
    private volatile bool _ended;

    public string Channel => channel;

    /// <summary>Which SUBSCRIBE of this channel, of those sent over the present connection, it waits for. Its connection's gate guards it.</summary>
    public int Attempt { get; set; }

    /// <summary>Ends when the server has confirmed it for the first time.</summary>
    public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Arrived() => arrived?.Invoke();

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
