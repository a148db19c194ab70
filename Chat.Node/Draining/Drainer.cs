using Chat.Node.Connections;
using Chat.Node.Presence;
using Chat.Protocol;
using Microsoft.Extensions.Options;

namespace Chat.Node.Draining;

/// <summary>
/// Leaves well: nothing new comes here, the clients are told and sent away at a pace the others can take, and only then do
/// the servers stop.
/// </summary>
internal sealed partial class Drainer(
    NodeStatus status, ConnectionTable connections, IOptions<NodeOptions> options, TimeProvider time, ILogger<Drainer> logger)
    : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        status.Drain();
        await status.DrainAnnounced.WaitAsync(options.Value.NodeLeaseRenewal, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var leaving = connections.All.ToArray();
        LogDraining(leaving.Length);
        using var limit = new CancellationTokenSource(options.Value.DrainTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await SendAwayAsync(leaving, either.Token);
            while (connections.Count > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            LogGivenUp(connections.Count);
            foreach (var connection in connections.All)
            {
                connection.Abort();
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SendAwayAsync(Connection[] leaving, CancellationToken cancellationToken)
    {
        var window = TimeSpan.FromSeconds((double)leaving.Length / options.Value.DrainConnectionsPerSecond);
        if (window > options.Value.DrainTimeout / 2)
        {
            window = options.Value.DrainTimeout / 2;
        }

        await Dismissal.RunAsync(leaving, window, CloseCode.Drain, time, cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Draining: {Connections} connections to send away")]
    private partial void LogDraining(int connections);

    [LoggerMessage(LogLevel.Warning, "The time to drain is over: {Connections} connections are cut")]
    private partial void LogGivenUp(int connections);
}
