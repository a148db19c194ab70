using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;

namespace Chat.Node.Signals;

/// <summary>One room's signals on this node, in the order in which they were published; some may be lost.</summary>
/// <param name="receive">Called one at a time; must not wait.</param>
/// <param name="lost">Something may have been missed; must not wait.</param>
internal sealed class SignalChannel(string room, SubscriptionConnection subscriptions, Action<Signal> receive, Action lost) : IAsyncDisposable
{
    private IAsyncDisposable? _subscription;

    /// <exception cref="BackplaneUnavailableException">Nothing is subscribed: retry.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken) =>
        _subscription = await subscriptions.SubscribeAsync(
            new ChannelSubscription((string)RoomKeys.Signals(room)!, Receive, lost), cancellationToken);

    public ValueTask DisposeAsync() => _subscription?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Receive(byte[] utf8)
    {
        if (Signal.Decode(utf8) is { } signal)
        {
            receive(signal);
        }
    }
}
