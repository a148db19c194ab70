using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What every instance of every resource is doing. Safe to call from any thread.</summary>
public class ResourceNotificationService
{
    /// <summary>A watcher that falls behind by more than this loses the oldest events.</summary>
    private const int EventsMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceEvent> _states = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly WaitBehavior _defaultWaitBehavior;

    internal ResourceNotificationService(WaitBehavior defaultWaitBehavior) => _defaultWaitBehavior = defaultWaitBehavior;

    /// <summary>Waits until an instance of the resource has the state; Running when null.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <returns>The state that was met.</returns>
    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var met = await WaitForResourceAsync(resourceName, change => change.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return met.Snapshot.State!.Text;
    }

    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (IsCalled(change, resourceName) && predicate(change))
            {
                return change;
            }
        }

        throw new OperationCanceledException($"Nobody waits for '{resourceName}' any more.");
    }

    /// <summary>Waits until every instance that has not been stopped runs and is healthy.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, _defaultWaitBehavior, cancellationToken);

    /// <exception cref="DistributedApplicationException">It has failed, and the behavior is not to wait until somebody starts it again.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        await foreach (var _ in WatchAsync(cancellationToken))
        {
            var instances = Find(resourceName);
            if (Availability.Of(instances) == AvailabilityKind.Healthy)
            {
                return instances.First(instance => instance.Snapshot.HealthStatus == HealthStatus.Healthy);
            }

            if (waitBehavior == WaitBehavior.StopOnResourceUnavailable && Availability.Of(instances) == AvailabilityKind.Failed)
            {
                throw new DistributedApplicationException(Availability.Explain(resourceName, instances));
            }
        }

        throw new OperationCanceledException($"Nobody waits for '{resourceName}' any more.");
    }

    /// <summary>What is, then what changes.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var changes = WatchChanges(out var known, cancellationToken).GetAsyncEnumerator(cancellationToken);
        foreach (var state in known)
        {
            yield return state;
        }

        while (await changes.MoveNextAsync())
        {
            yield return changes.Current;
        }
    }

    /// <summary>What changes after a moment whose state is handed out. The result is to be enumerated: that ends the watch.</summary>
    internal IAsyncEnumerable<ResourceEvent> WatchChanges(out IReadOnlyList<ResourceEvent> known, CancellationToken cancellationToken)
    {
        var watcher = Channel.CreateBounded<ResourceEvent>(
            new BoundedChannelOptions(EventsMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_gate)
        {
            known = [.. _states.Values];
            _watchers.Add(watcher);
        }

        return ReadAsync(watcher, cancellationToken);
    }

    private async IAsyncEnumerable<ResourceEvent> ReadAsync(
        Channel<ResourceEvent> watcher, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in watcher.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(watcher);
            }
        }
    }

    /// <param name="resourceId">An instance's id, or the name of a resource with one instance.</param>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        var found = Find(resourceId);
        resourceEvent = found.Count == 1 ? found[0] : null;
        return resourceEvent is not null;
    }

    /// <summary>Changes the snapshot of an instance, atomically, and tells the watchers if it differs.</summary>
    internal void Publish(IResource resource, string id, CustomResourceSnapshot initial)
    {
        lock (_gate)
        {
            Tell(new ResourceEvent(resource, id, initial));
        }
    }

    internal void Update(string id, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        lock (_gate)
        {
            if (_states.TryGetValue(id, out var known) && change(known.Snapshot) is var changed && changed != known.Snapshot)
            {
                Tell(new ResourceEvent(known.Resource, id, changed));
            }
        }
    }

    internal IReadOnlyList<ResourceEvent> Find(string nameOrId)
    {
        lock (_gate)
        {
            return [.. _states.Values.Where(state => IsCalled(state, nameOrId))];
        }
    }

    private static bool IsCalled(ResourceEvent change, string nameOrId) =>
        string.Equals(change.ResourceId, nameOrId, StringComparison.OrdinalIgnoreCase)
        || string.Equals(change.Resource.Name, nameOrId, StringComparison.OrdinalIgnoreCase);

    private void Tell(ResourceEvent change)
    {
        _states[change.ResourceId] = change;
        _watchers.ForEach(watcher => watcher.Writer.TryWrite(change));
    }
}
