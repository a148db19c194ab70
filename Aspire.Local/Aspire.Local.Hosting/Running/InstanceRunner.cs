using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Processes;
using Aspire.Local.Hosting.Proxying;

namespace Aspire.Local.Hosting.Running;

/// <summary>Starts and stops one instance, and says what became of it. Its commands run one after the other.</summary>
internal sealed class InstanceRunner(ResourceInstance instance, Topology topology, RunnerServices services) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ChildProcess? _process;
    private Task _watching = Task.CompletedTask;
    private volatile bool _stopWanted;

    public ResourceInstance Instance => instance;

    /// <summary>Does nothing when it runs.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_watching.IsCompleted)
            {
                await LaunchAsync(cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Returns when it has ended, and everything it started.</summary>
    public async Task StopAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_watching.IsCompleted)
            {
                return;
            }

            _stopWanted = true;
            Update(snapshot => snapshot.In(KnownResourceStates.Stopping));
            await _process!.StopAsync(services.Options.StopLimit);
            await _watching;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    public void Fail(string problem) => Update(snapshot => snapshot.In(KnownResourceStates.FailedToStart).With(KnownProperties.Problem, problem) with
    {
        StopTimeStamp = services.Time.GetUtcNow().UtcDateTime,
    });

    public void Update(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => services.Notifications.Update(instance.Id, change);

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        _stopWanted = false;
        Update(snapshot => snapshot.In(KnownResourceStates.Starting).With(KnownProperties.Problem, null) with
        {
            ExitCode = null,
            StopTimeStamp = null,
            HealthReports = Snapshots.UnansweredChecks(instance.Resource),
        });
        if (topology.ProblemOf(instance.Resource) is { } problem)
        {
            Fail(problem);
            return;
        }

        try
        {
            var spec = await services.Planner.PlanAsync(instance, cancellationToken);
            _process = services.Start(spec, instance.Id, instance.Log);
            var backends = AddBackends();
            Update(snapshot => snapshot.Running(instance, spec, _process.Id, services.Time.GetUtcNow()));
            _watching = WatchAsync(_process, spec, backends);
        }
        catch (DistributedApplicationException error)
        {
            Fail(error.Message);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The system's refusal, or an exception from a callback of the AppHost: this resource cannot start, the others can.
            Fail($"'{instance.Resource.Name}' cannot be started: {error.Message}");
        }
#pragma warning disable CA1031 // A callback of the AppHost's, or a fault of ours: said where people look, and the rest goes on.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            Fail($"'{instance.Resource.Name}' cannot be started: {error.GetType().Name}: {error.Message}");
        }
    }

    private async Task WatchAsync(ChildProcess process, ProcessSpec spec, IReadOnlyList<(EndpointProxy Proxy, Backend Backend)> backends)
    {
        var startedAt = services.Time.GetTimestamp();
        using var watched = new CancellationTokenSource();
        var listening = ListeningProbe.WaitAsync(instance, services.Time, watched.Token);
        var code = await process.Exited;
        foreach (var (proxy, backend) in backends)
        {
            proxy.Remove(backend);
        }

        await watched.CancelAsync();
        var listened = await listening;
        var failed = code != 0 && (instance.Endpoints.Count > 0
            ? !listened
            : instance.Resource is ProjectResource && services.Time.GetElapsedTime(startedAt) < services.Options.StartupPeriod);
        services.Forget(process.Id);
        await services.Leftovers.EndOfInstanceAsync(instance.Id);
        process.Dispose();
        Delete(spec.TemporaryFolder);
        Update(snapshot => Ended(snapshot, code, failed));
    }

    private CustomResourceSnapshot Ended(CustomResourceSnapshot snapshot, int code, bool failed)
    {
        var expected = _stopWanted || services.IsStopping || code == 0;
        var state = expected ? KnownResourceStates.Finished : failed ? KnownResourceStates.FailedToStart : KnownResourceStates.Exited;
        var problem = expected ? null : failed
            ? $"'{instance.Resource.Name}' ended with exit code {code} while it was starting."
            : $"'{instance.Resource.Name}' ended with exit code {code}.";
        return snapshot.In(state).With(KnownProperties.ProcessId, null).With(KnownProperties.Problem, problem) with
        {
            ExitCode = code,
            StopTimeStamp = services.Time.GetUtcNow().UtcDateTime,
        };
    }

    private List<(EndpointProxy Proxy, Backend Backend)> AddBackends()
    {
        var added = new List<(EndpointProxy, Backend)>();
        foreach (var own in instance.Endpoints)
        {
            if (topology.ProxyOf(own.Endpoint) is { } proxy)
            {
                var backend = new Backend(own.Port);
                proxy.Add(backend);
                added.Add((proxy, backend));
            }
        }

        return added;
    }

    private static void Delete(string? folder)
    {
        try
        {
            if (folder is not null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It lies in the folder for temporary files: the system clears it in time.
        }
    }
}
