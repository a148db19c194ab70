using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Node.Connections;
using Chat.Node.Presence;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Options;

namespace Chat.Node.Control;

/// <summary>Hears what the other nodes say about users, and acts on those who are connected here.</summary>
internal sealed class ControlChannel(
    SubscriptionConnection subscriptions,
    ConnectionTable connections,
    Kicks kicks,
    Revocations revocations,
    UserConnections users,
    IOptions<NodeOptions> options,
    TimeProvider time)
    : BackgroundService
{
    public const string Name = "chat:control";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The subscription outlives every outage: only the first one has to be waited for.
        IAsyncDisposable? subscription;
        while ((subscription = await TrySubscribeAsync(stoppingToken)) is null)
        {
            await Task.Delay(options.Value.RepairRetryMax, time, stoppingToken);
        }

        await using var _ = subscription;
        await kicks.FollowAsync(stoppingToken);
    }

    private async Task<IAsyncDisposable?> TrySubscribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await subscriptions.SubscribeAsync(new ChannelSubscription(Name, Receive, kicks.LookSoon), cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            return null;
        }
    }

    private void Receive(byte[] utf8)
    {
        switch (ControlMessage.Decode(utf8))
        {
            case InviteMessage invite:
                foreach (var connection in connections.Of(invite.To))
                {
                    connection.Send(new InviteFrame(invite.Room, invite.From));
                }

                break;
            case KickMessage kick:
                kicks.Apply(kick);
                break;
            case EvictMessage evict:
                users.Apply(evict);
                break;
            case RevokeMessage revoke:
                revocations.Apply(revoke);
                break;
        }
    }
}
