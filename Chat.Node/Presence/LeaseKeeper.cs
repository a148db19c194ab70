using Chat.Node.Backplane;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Presence;

/// <summary>
/// Keeps this node's lease in Redis: where it listens, how full it is, whether it takes connections. The balancer believes
/// nothing else; a node that stops renewing is gone one lease later.
/// </summary>
internal sealed partial class LeaseKeeper(
    RedisCalls redis, NodeStatus status, LeaseContent content, IOptions<NodeOptions> options, ILogger<LeaseKeeper> logger)
    : BackgroundService
{
    private readonly TimeProvider _time = content.Time;
    private NodeState? _announced;
    private bool _failing;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            // One last time, and not for long: who was connected here is on the way to another node, and still counts as present.
            var lease = content.Read() with { State = NodeState.Draining };
            await redis.RunAsync(
                redis.Database.StringSetAsync(
                    NodeLeaseCodec.KeyOf(lease.Id), NodeLeaseCodec.Encode(lease), options.Value.PresenceGrace),
                cancellationToken);
            await AnnounceAsync(cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            // The lease runs out by itself.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await content.WaitForAddressAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var draining = status.DrainRequested.IsCancellationRequested;
            await RenewAsync(stoppingToken);

            // A drain is told at once: until then clients that are sent away may be sent right back.
            using var wake = CancellationTokenSource.CreateLinkedTokenSource(
                stoppingToken, draining ? CancellationToken.None : status.DrainRequested);
            await Task.Delay(options.Value.NodeLeaseRenewal, _time, wake.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            status.Open();
            var lease = content.Read();
            if (!await TryWriteAsync(lease, cancellationToken))
            {
                return;
            }

            status.NoteRenewed();

            // The set outlives a lease that ran out in between: naming the node again is cheap, and heals it.
            await redis.RunAsync(redis.Database.SetAddAsync(NodeLeaseCodec.Index, lease.Id), cancellationToken);
            if (_announced != lease.State || _failing)
            {
                await AnnounceAsync(cancellationToken);
                _announced = lease.State;
                if (lease.State == NodeState.Draining)
                {
                    status.NoteDrainAnnounced();
                }

                LogState(lease.Id, lease.State, lease.Url);
            }

            _failing = false;
        }
        catch (BackplaneUnavailableException exception)
        {
            if (!_failing)
            {
                LogRenewalFailed(content.NodeId, exception.InnerException?.Message ?? exception.Message);
            }

            _failing = true;
        }
    }

    /// <returns>False when Redis refuses what takes memory: the lease goes on as it was, so that nobody takes a full Redis for dead nodes.</returns>
    private async Task<bool> TryWriteAsync(NodeLease lease, CancellationToken cancellationToken)
    {
        try
        {
            await redis.RunAsync(
                redis.Database.StringSetAsync(
                    NodeLeaseCodec.KeyOf(lease.Id),
                    NodeLeaseCodec.Encode(lease),
                    options.Value.NodeLease),
                cancellationToken);
            status.NoteWritten();
            return true;
        }
        catch (BackplaneUnavailableException exception) when (exception.InnerException is RedisServerException refusal)
        {
            if (!status.IsRefused)
            {
                LogRefused(lease.Id, refusal.Message);
            }

            status.NoteRefused();
            if (await redis.RunAsync(
                redis.Database.KeyExpireAsync(NodeLeaseCodec.KeyOf(lease.Id), options.Value.NodeLease), cancellationToken))
            {
                status.NoteRenewed();
            }

            return false;
        }
    }

    private Task<long> AnnounceAsync(CancellationToken cancellationToken) => redis.RunAsync(
        redis.Database.PublishAsync(RedisChannel.Literal(NodeLeaseCodec.Changes), content.NodeId), cancellationToken);

    [LoggerMessage(LogLevel.Information, "Node {NodeId} is {State} at {Url}")]
    private partial void LogState(string nodeId, NodeState state, string url);

    [LoggerMessage(LogLevel.Error, "Node {NodeId}: Redis refuses to write: {Reason}. Sends are refused; who is connected stays, and goes on reading")]
    private partial void LogRefused(string nodeId, string reason);

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} cannot renew its lease: {Reason}")]
    private partial void LogRenewalFailed(string nodeId, string reason);
}
