using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Health;

namespace Aspire.Local.Hosting.Running;

/// <summary>Starts every resource when what it waits for is there, and ends all of them.</summary>
internal sealed class Supervisor(
    DistributedApplicationModel model, RunContext run, RunnerServices services, SupervisorParts parts, IServiceProvider provider)
    : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Topology? _topology;
    private IReadOnlyList<InstanceRunner> _runners = [];
    private Task _monitoring = Task.CompletedTask;
    private Task? _stopped;

    /// <summary>Returns when everything that could be started has been.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await parts.Eventing.PublishAsync(new BeforeStartEvent(provider, model), cancellationToken);
        parts.Guard.Start();
        _topology = Topology.Create(model, run.Options.RandomizePorts, services.NewLog);
        _runners = [.. _topology.Instances.Select(instance => new InstanceRunner(instance, _topology, services))];
        PublishInitialStates();
        _monitoring = Task.WhenAll(model.Resources
            .Where(Topology.IsProcess)
            .Select(resource => new HealthMonitor(resource, _topology.InstancesOf(resource), parts.Checks, services).RunAsync(_stopping.Token)));
        await parts.Frontend.StartAsync(this, cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        await Task.WhenAll(model.Resources.Select(resource =>
            Topology.IsProcess(resource) ? StartAsync(resource, either.Token) : ResolveAsync(resource, either.Token)));
        await parts.Eventing.PublishAsync(new AfterResourcesCreatedEvent(provider, model), cancellationToken);
    }

    /// <summary>Returns when no process of the run is left. May be called more than once.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _stopped ??= StopCoreAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        foreach (var runner in _runners)
        {
            runner.Dispose();
        }

        _stopping.Dispose();
    }

    /// <returns>Why the command was not carried out; null when it was.</returns>
    public async Task<string?> ExecuteAsync(string nameOrId, string command, CancellationToken cancellationToken)
    {
        var exact = Find(runner => string.Equals(runner.Instance.Id, nameOrId, StringComparison.OrdinalIgnoreCase));
        var found = exact.Count > 0 ? exact : Find(runner => string.Equals(runner.Instance.Resource.Name, nameOrId, StringComparison.OrdinalIgnoreCase));
        return found.Count switch
        {
            0 => $"There is no resource '{nameOrId}' that can be started or stopped.",
            > 1 => $"'{nameOrId}' has {found.Count} instances: name one of {string.Join(", ", found.Select(runner => runner.Instance.Id))}.",
            _ => await ExecuteAsync(found, command, cancellationToken),
        };
    }

    public Task<string?> ExecuteAsync(IResource resource, string command, CancellationToken cancellationToken) =>
        ExecuteAsync(Find(runner => runner.Instance.Resource == resource), command, cancellationToken);

    private async Task<string?> ExecuteAsync(IReadOnlyList<InstanceRunner> runners, string command, CancellationToken cancellationToken)
    {
        var (stop, start) = command switch
        {
            "resource-start" => (false, true),
            "resource-stop" => (true, false),
            "resource-restart" => (true, true),
            _ => (false, false),
        };
        if (!stop && !start)
        {
            return $"There is no command '{command}'.";
        }

        if (_stopping.IsCancellationRequested)
        {
            return "The application is stopping.";
        }

        await Task.WhenAll(runners.Select(async runner =>
        {
            if (stop)
            {
                await runner.StopAsync();
            }

            if (start)
            {
                await runner.StartAsync(cancellationToken);
            }
        }));
        return start ? runners.Select(runner => ProblemOf(runner.Instance.Id)).FirstOrDefault(problem => problem is not null) : null;
    }

    private string? ProblemOf(string id) => services.Notifications.TryGetCurrentState(id, out var state)
        ? state.Snapshot.Properties.FirstOrDefault(property => property.Name == KnownProperties.Problem)?.Value as string
        : null;

    private IReadOnlyList<InstanceRunner> Find(Func<InstanceRunner, bool> predicate) => [.. _runners.Where(predicate)];

    private void PublishInitialStates()
    {
        var now = services.Time.GetUtcNow();
        foreach (var runner in _runners)
        {
            parts.Loggers.Register(runner.Instance.Resource, runner.Instance.Id, runner.Instance.Log);
            services.Notifications.Publish(runner.Instance.Resource, runner.Instance.Id, Snapshots.Initial(runner.Instance, now));
        }

        foreach (var resource in model.Resources.Where(resource => !Topology.IsProcess(resource)))
        {
            services.Notifications.Publish(resource, resource.Name, Snapshots.OfWaitingValue(resource, now));
        }
    }

    private static string? MissingValueOf(IResource resource)
    {
        try
        {
            _ = resource is ConfiguredConnectionStringResource configured ? configured.Value.Value : (resource as ParameterResource)?.Value;
            return null;
        }
        catch (DistributedApplicationException error)
        {
            return error.Message;
        }
    }

    /// <summary>A value has nothing to start: it is there when what it waits for is.</summary>
    private async Task ResolveAsync(IResource resource, CancellationToken cancellationToken)
    {
        string? problem;
        try
        {
            await parts.Waiter.WaitAsync(resource, cancellationToken);
            problem = MissingValueOf(resource);
        }
        catch (DistributedApplicationException error)
        {
            problem = error.Message;
        }

        services.Notifications.Update(resource.Name, snapshot => snapshot.OfValue(problem));
    }

    private async Task StartAsync(IResource resource, CancellationToken cancellationToken)
    {
        var runners = Find(runner => runner.Instance.Resource == resource);
        try
        {
            await parts.Waiter.WaitAsync(resource, cancellationToken);
            await parts.Eventing.PublishAsync(new BeforeResourceStartedEvent(resource, provider), cancellationToken);
        }
        catch (DistributedApplicationException error)
        {
            foreach (var runner in runners)
            {
                runner.Fail(error.Message);
            }

            return;
        }

        await Task.WhenAll(runners.Select(runner => runner.StartAsync(cancellationToken)));
    }

    private async Task StopCoreAsync()
    {
        await _stopping.CancelAsync();
        await StopOrder.RunAsync(
            [.. model.Resources.Where(Topology.IsProcess)],
            resource => Task.WhenAll(Find(runner => runner.Instance.Resource == resource).Select(runner => runner.StopAsync())));
        await _monitoring.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await parts.Frontend.StopAsync();
        if (_topology is { } topology)
        {
            await topology.DisposeAsync();
        }

        await parts.Leftovers.EndOfRunAsync();
        await parts.Guard.DisposeAsync();
    }
}
