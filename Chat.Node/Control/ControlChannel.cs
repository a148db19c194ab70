using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Control;

/// <summary>Hears what the other nodes say about users, and acts on those who are connected here.</summary>
internal sealed partial class ControlChannel(
    RedisCalls redis, ConnectionTable connections, Kicks kicks, IOptions<NodeOptions> options, TimeProvider time, ILogger<ControlChannel> logger)
    : BackgroundService
{
    public static readonly RedisChannel Name = RedisChannel.Literal("chat:control");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var delay = options.Value.RepairRetryMin;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var queue = await redis.RunAsync(redis.Subscriber.SubscribeAsync(Name), stoppingToken);
                queue.OnMessage(message => Receive((byte[])message.Message!));
                await kicks.FollowAsync(stoppingToken);
            }
            catch (BackplaneUnavailableException exception)
            {
                LogAway(exception.InnerException?.Message ?? exception.Message);
                await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, options.Value.RepairRetryMax.Ticks));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Receive(ReadOnlySpan<byte> utf8)
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
        }
    }

    [LoggerMessage(LogLevel.Information, "The control channel is not subscribed: {Reason}")]
    private partial void LogAway(string reason);
}
