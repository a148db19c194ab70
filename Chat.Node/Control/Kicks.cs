using System.Threading.Channels;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Control;

/// <summary>
/// Ends every connection of a user, on whatever node. All nodes hear of it at once; a node that did not hear it reads it after
/// its next reconnect to Redis, or the next time it looks.
/// </summary>
internal sealed partial class Kicks(
    RedisCalls redis, ConnectionTable connections, Revocations revocations, IOptions<NodeOptions> options, TimeProvider time, ILogger<Kicks> logger)
{
    private static readonly RedisKey Key = "chat:kicks";

    private readonly RedisScript _kick = new("kick.lua");
    private readonly Channel<bool> _look = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <exception cref="BackplaneUnavailableException">Not known to have happened: again.</exception>
    public async Task KickAsync(string user, string reason, CancellationToken cancellationToken)
    {
        LogKick(user);
        await redis.RunAsync(
            _kick.EvaluateAsync(
                redis.Database,
                [Key],
                [ControlChannel.Name, user, ControlMessage.Encode(new KickMessage(user, reason)), (long)options.Value.KickMemory.TotalMilliseconds]),
            cancellationToken);
    }

    public void Apply(KickMessage kick)
    {
        foreach (var kicked in connections.Of(kick.User))
        {
            kicked.Close(CloseCode.Kicked, kick.Reason);
        }
    }

    /// <summary>One may not have been heard.</summary>
    public void LookSoon() => _look.Writer.TryWrite(true);

    /// <summary>Looks for kicks and revocations that were not heard, when asked to and now and then, until cancelled.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var period = new CancellationTokenSource(options.Value.RecheckPeriod * (0.75 + (Random.Shared.NextDouble() / 2)), time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(period.Token, cancellationToken);
            await ((Task)_look.Reader.ReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            await LookAsync(cancellationToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var kick in await redis.RunAsync(redis.Database.SortedSetRangeByScoreWithScoresAsync(Key), cancellationToken))
            {
                var at = DateTimeOffset.FromUnixTimeMilliseconds((long)kick.Score);
                foreach (var kicked in connections.Of((string)kick.Element!).Where(connection => connection.OpenedAt < at))
                {
                    kicked.Close(CloseCode.Kicked, "kicked");
                }
            }

            await revocations.LookAsync(cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            // It comes back, and then it is looked again.
        }
    }

    [LoggerMessage(LogLevel.Information, "{User} is kicked")]
    private partial void LogKick(string user);
}
