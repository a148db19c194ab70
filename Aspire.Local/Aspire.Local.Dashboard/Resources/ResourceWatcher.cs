using System.Collections.Immutable;
using System.Text.Json;
using Aspire.Local.ResourceService;

namespace Aspire.Local.Dashboard.Resources;

/// <summary>Follows the AppHost's resources for as long as the dashboard runs, and comes back after every break.</summary>
internal sealed partial class ResourceWatcher(
    ResourceServiceAddress address, ResourceClient client, TimeProvider clock, ILogger<ResourceWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryLast = TimeSpan.FromSeconds(3);

    private volatile ResourceSnapshot _current = new(
        0,
        address.Url is null ? AppHostState.None : AppHostState.Connecting,
        clock.GetUtcNow(),
        ImmutableSortedDictionary.Create<string, ResourceDto>(StringComparer.Ordinal));

    public ResourceSnapshot Current => _current;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (address.Url is null)
        {
            return;
        }

        var wait = RetryFirst;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in client.WatchResourcesAsync(stoppingToken))
                {
                    wait = RetryFirst;
                    _current = _current.Apply(change).In(AppHostState.Connected, clock.GetUtcNow());
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException)
            {
                LogLost(e.Message);
            }

            _current = _current.In(_current.State == AppHostState.Connecting ? AppHostState.Connecting : AppHostState.Gone, clock.GetUtcNow());
            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < RetryLast ? wait * 2 : RetryLast;
        }
    }

    [LoggerMessage(LogLevel.Debug, "The AppHost's resource stream ended: {Reason}")]
    private partial void LogLost(string reason);
}
