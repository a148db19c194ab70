using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Local.Hosting.Serving;

/// <summary>Writes what happens to the AppHost's console: one short line per change, and a failed program's last words.</summary>
internal sealed partial class RunReporter(
    ResourceNotificationService notifications, ResourceLoggerService loggers, ILogger<RunReporter> logger) : IDisposable
{
    private const int LastLinesMax = 20;

    private readonly CancellationTokenSource _stopped = new();
    private readonly Dictionary<string, CustomResourceSnapshot> _known = [];
    private readonly HashSet<string> _shownLinks = [];
    private Task _watching = Task.CompletedTask;

    public void Start() => _watching = WatchAsync();

    public async Task StopAsync()
    {
        await _stopped.CancelAsync();
        await _watching;
    }

    public void Dispose() => _stopped.Dispose();

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(_stopped.Token))
            {
                Report(change, _known.GetValueOrDefault(change.ResourceId));
                _known[change.ResourceId] = change.Snapshot;
            }
        }
        catch (OperationCanceledException)
        {
            // The application has stopped.
        }
    }

    private void Report(ResourceEvent change, CustomResourceSnapshot? before)
    {
        var (id, now) = (change.ResourceId, change.Snapshot);
        if (now.State?.Text != before?.State?.Text)
        {
            ReportState(change);
        }

        if (now.HealthStatus != before?.HealthStatus && !now.HealthReports.IsEmpty && now.HealthReports.All(report => report.Status is not null))
        {
            if (now.HealthStatus == HealthStatus.Healthy)
            {
                LogHealthy(id);
            }
            else if (before?.HealthStatus == HealthStatus.Healthy && now.HealthStatus is { } status)
            {
                LogUnwell(id, status, now.HealthReports.First(report => report.Status != HealthStatus.Healthy).Description);
            }
        }

        if (now.HealthStatus == HealthStatus.Healthy)
        {
            ReportLinks(change);
        }
    }

    private void ReportState(ResourceEvent change)
    {
        var (id, snapshot, state) = (change.ResourceId, change.Snapshot, change.Snapshot.State?.Text);
        var problem = snapshot.Properties.FirstOrDefault(property => property.Name == KnownProperties.Problem)?.Value as string;
        if (problem is not null)
        {
            LogProblem(id, problem);
            foreach (var entry in loggers.FindInstance(id)?.Snapshot().TakeLast(LastLinesMax) ?? [])
            {
                LogLastWord(id, entry.Line.Content);
            }
        }
        else if (state == KnownResourceStates.Running && Running.Topology.IsProcess(change.Resource))
        {
            LogRunning(id);
        }
        else if (state == KnownResourceStates.Waiting && change.Resource.Annotations.OfType<WaitAnnotation>().Any())
        {
            LogWaiting(id, string.Join(", ", change.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name)));
        }
        else if (state == KnownResourceStates.Finished)
        {
            LogFinished(id, snapshot.ExitCode);
        }
    }

    private void ReportLinks(ResourceEvent change)
    {
        foreach (var link in change.Snapshot.Urls.Where(link => !link.IsInternal && _shownLinks.Add(change.Resource.Name + link.Url)))
        {
            LogLink(change.Resource.Name, link.Url);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Id} is running")]
    private partial void LogRunning(string id);

    [LoggerMessage(LogLevel.Information, "{Id} is healthy")]
    private partial void LogHealthy(string id);

    [LoggerMessage(LogLevel.Warning, "{Id} is {Status}: {Description}")]
    private partial void LogUnwell(string id, HealthStatus status, string? description);

    [LoggerMessage(LogLevel.Information, "{Id} waits for {Dependencies}")]
    private partial void LogWaiting(string id, string dependencies);

    [LoggerMessage(LogLevel.Information, "{Id} has ended with exit code {ExitCode}")]
    private partial void LogFinished(string id, int? exitCode);

    [LoggerMessage(LogLevel.Error, "{Id}: {Problem}")]
    private partial void LogProblem(string id, string problem);

    [LoggerMessage(LogLevel.Error, "{Id} | {Line}")]
    private partial void LogLastWord(string id, string line);

    [LoggerMessage(LogLevel.Information, "{Name}: {Url}")]
    private partial void LogLink(string name, string url);
}
