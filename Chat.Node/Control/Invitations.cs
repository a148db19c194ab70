using Chat.Node.Backplane;
using Chat.Node.Presence;
using Chat.Node.Signals;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Control;

/// <summary>Tells a user, wherever connected, that somebody is in a direct room with them while they are not.</summary>
internal sealed class Invitations(RedisCalls redis, Blocks blocks, NodeMetrics metrics, IOptions<NodeOptions> options)
{
    private const double SecondsPerMinute = 60;

    private readonly RedisScript _take = new("take.lua");

    /// <summary>Call when a user enters a room or writes in it. Failing costs a hint, no message.</summary>
    public async ValueTask ConsiderAsync(string room, RoomPresence presence, string from, CancellationToken cancellationToken)
    {
        if (!RoomName.TryGetDirectUsers(room, out var first, out var second))
        {
            return;
        }

        var to = from == first ? second : first;
        if (presence.IsPresent(to))
        {
            return;
        }

        try
        {
            if (await redis.RunAsync(
                redis.Database.StringSetAsync(RoomKeys.Invited(room, to), from, options.Value.InvitePeriod, When.NotExists), cancellationToken)
                && await MayInviteAsync(from, to, cancellationToken))
            {
                var invite = ControlMessage.Encode(new InviteMessage(room, from, to));
                await redis.RunAsync(redis.Subscriber.PublishAsync(RedisChannel.Literal(ControlChannel.Name), invite), cancellationToken);
            }
        }
        catch (BackplaneUnavailableException)
        {
            // The next message tries again.
        }
    }

    /// <summary>Each invite is told to all nodes: nobody sends them faster than a person would, and to nobody who does not want them.</summary>
    private async Task<bool> MayInviteAsync(string from, string to, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await redis.RunAsync(
            _take.EvaluateAsync(
                redis.Database,
                [$"chat:{{user:{from}}}:invites"],
                [options.Value.InvitesPerMinute / SecondsPerMinute, options.Value.InvitesBurst, 1]),
            cancellationToken))!;
        if ((int)reply[0] == 0)
        {
            metrics.Rejected("invite_rate");
            return false;
        }

        if (await blocks.IsBlockedAsync(to, from, cancellationToken))
        {
            metrics.Rejected("invite_blocked");
            return false;
        }

        return true;
    }
}
