using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Running;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Local.Hosting.Health;

/// <summary>Asks again and again whether the instances of a resource are healthy while they run.</summary>
internal sealed class HealthMonitor(
    IResource resource, IReadOnlyList<ResourceInstance> instances, HealthCheckService checks, RunnerServices services)
{
    private readonly HashSet<string> _keys = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key)];
    private readonly InstanceHealthCheckAnnotation[] _instanceChecks = [.. resource.Annotations.OfType<InstanceHealthCheckAnnotation>()];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_keys.Count == 0 && _instanceChecks.Length == 0)
        {
            return;
        }

        try
        {
            while (true)
            {
                var running = instances.Where(IsRunning).ToArray();
                if (running.Length > 0)
                {
                    await CheckAsync(running, cancellationToken);
                }

                var settled = instances.All(instance => !IsRunning(instance) || StatusOf(instance) == HealthStatus.Healthy);
                await WaitAsync(settled ? services.Options.HealthPeriod : services.Options.HealthPeriodUntilHealthy, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    /// <summary>Ends early when an instance has come up: nobody should wait for its first check.</summary>
    private async Task WaitAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task newcomer = services.Notifications.WaitForResourceAsync(
            resource.Name, change => IsRunning(change.Snapshot) && change.Snapshot.HealthReports.Any(report => report.Status is null), limit.Token);
        await Task.WhenAny(newcomer, Task.Delay(period, services.Time, limit.Token));
        await limit.CancelAsync();
        await newcomer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task CheckAsync(ResourceInstance[] running, CancellationToken cancellationToken)
    {
        var shared = await SharedAsync(cancellationToken);
        await Task.WhenAll(running.Select(async instance =>
        {
            var own = await Task.WhenAll(_instanceChecks.Select(check => OwnAsync(check, instance, cancellationToken)));
            Publish(instance, [.. shared, .. own]);
        }));
    }

    private async Task<IReadOnlyList<HealthReportSnapshot>> SharedAsync(CancellationToken cancellationToken)
    {
        if (_keys.Count == 0)
        {
            return [];
        }

        var report = await LimitAsync(token => checks.CheckHealthAsync(check => _keys.Contains(check.Name), token), cancellationToken);
        return [.. _keys.Select(key => report is null
            ? Late(key)
            : report.Entries.TryGetValue(key, out var entry)
                ? new HealthReportSnapshot(key, entry.Status, entry.Description, entry.Exception?.Message)
                : new HealthReportSnapshot(key, HealthStatus.Unhealthy, "No health check with this name is registered.", null))];
    }

    private async Task<HealthReportSnapshot> OwnAsync(
        InstanceHealthCheckAnnotation check, ResourceInstance instance, CancellationToken cancellationToken)
    {
        var endpoint = instance.Endpoints.FirstOrDefault(own => check.EndpointName is { } name
            ? string.Equals(own.Endpoint.Name, name, StringComparison.OrdinalIgnoreCase)
            : own.Endpoint.UriScheme is "http" or "https");
        if (endpoint is null)
        {
            return new(check.Key, HealthStatus.Unhealthy, $"There is no endpoint '{check.EndpointName ?? "http"}' to ask.", null);
        }

        var result = await LimitAsync<HealthCheckResult?>(
            async token => await check.Check(new Uri(endpoint.Url), token), cancellationToken);
        return result is { } answer ? new(check.Key, answer.Status, answer.Description, answer.Exception?.Message) : Late(check.Key);
    }

    private HealthReportSnapshot Late(string key) =>
        new(key, HealthStatus.Unhealthy, $"No answer within {services.Options.HealthLimit.TotalSeconds:0.#} s.", null);

    /// <returns>Null at the limit.</returns>
    private async Task<T?> LimitAsync<T>(Func<CancellationToken, Task<T>> check, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = services.Time.CreateTimer(_ => limit.Cancel(), null, services.Options.HealthLimit, Timeout.InfiniteTimeSpan);
        try
        {
            return await check(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return default;
        }
    }

    private void Publish(ResourceInstance instance, ImmutableArray<HealthReportSnapshot> reports) =>
        services.Notifications.Update(instance.Id, snapshot =>
            IsRunning(snapshot) && !snapshot.HealthReports.SequenceEqual(reports) ? snapshot with { HealthReports = reports } : snapshot);

    private bool IsRunning(ResourceInstance instance) =>
        services.Notifications.TryGetCurrentState(instance.Id, out var state) && IsRunning(state.Snapshot);

    private static bool IsRunning(CustomResourceSnapshot snapshot) => snapshot.State?.Text == KnownResourceStates.Running;

    private HealthStatus? StatusOf(ResourceInstance instance) =>
        services.Notifications.TryGetCurrentState(instance.Id, out var state) ? state.Snapshot.HealthStatus : null;
}
