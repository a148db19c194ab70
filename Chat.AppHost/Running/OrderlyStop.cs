using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.AppHost.Running;

/// <summary>
/// Stops the system the way a message came: the door and the nodes, then Redis, which so outlives everybody who writes. Left alone,
/// the orchestrator tells all at once, and the AppHost returns before they are gone: the next start would find their ports taken.
/// </summary>
internal sealed partial class OrderlyStop(StopOrder order, ResourceCommandService commands, ILogger<OrderlyStop> logger)
    : IHostedLifecycleService
{
    /// <summary>More than the orchestrator gives a program between SIGTERM and SIGKILL: 6 s.</summary>
    private static readonly TimeSpan StepMax = TimeSpan.FromSeconds(8);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        foreach (var step in order.Steps)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(StepMax);
            await Task.WhenAll(step.Select(resource => StopAsync(resource, limit.Token)));
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops every instance that runs. What does not stop is left to the orchestrator, which ends everything in any case.</summary>
    private async Task StopAsync(IResource resource, CancellationToken cancellationToken)
    {
        try
        {
            // Waited for here as well: an orchestrator that is gone is asked again for minutes, whatever the token says.
            var result = await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, cancellationToken).WaitAsync(cancellationToken);
            if (!result.Success)
            {
                LogNotStopped(resource.Name, result.Message);
            }
        }
        catch (OperationCanceledException)
        {
            LogNotStopped(resource.Name, "it takes too long");
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Resource} was not stopped in turn: {Reason}")]
    private partial void LogNotStopped(string resource, string? reason);
}
