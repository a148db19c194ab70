using Chat.Node.Backplane;
using Chat.Node.Backplane.Log;
using Chat.Node.Backplane.Subscriptions;

namespace Chat.Experiments.Ablations;

/// <summary>Without <see cref="Protection.GapRepair"/>: publications as they come, and never those that do not come.</summary>
internal sealed class UnrepairedLog(IBackplane log, SubscriptionConnection connection) : WrappedBackplane(log)
{
    public override Task<IAsyncDisposable> SubscribeAsync(string room, RoomSubscriber subscriber, CancellationToken cancellationToken)
    {
        return connection.SubscribeAsync(new ChannelSubscription(LogKeys.Channel(room).ToString(), Receive, lost: () => { }), cancellationToken);

        void Receive(byte[] payload)
        {
            if (Publication.Decode(payload) is { } publication)
            {
                subscriber.Deliver(publication);
            }
        }
    }
}
