using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Local.Hosting.Running;

/// <summary>Waits for what a resource waits for.</summary>
internal sealed class DependencyWaiter(ResourceNotificationService notifications, WaitBehavior defaultBehavior)
{
    /// <exception cref="DistributedApplicationException">A dependency has failed for good; the message says why.</exception>
    public Task WaitAsync(IResource resource, CancellationToken cancellationToken) =>
        Task.WhenAll(resource.Annotations.OfType<WaitAnnotation>().Select(wait => WaitAsync(wait, cancellationToken)));

    private Task WaitAsync(WaitAnnotation wait, CancellationToken cancellationToken) => wait.WaitType == WaitType.WaitForCompletion
        ? WaitForCompletionAsync(wait, cancellationToken)
        : notifications.WaitForResourceHealthyAsync(wait.Resource.Name, wait.WaitBehavior ?? defaultBehavior, cancellationToken);

    private async Task WaitForCompletionAsync(WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var name = wait.Resource.Name;
        await foreach (var _ in notifications.WatchAsync(cancellationToken))
        {
            var instances = notifications.Find(name);
            if (instances.FirstOrDefault(instance => instance.Snapshot.State?.Text == KnownResourceStates.FailedToStart) is not null)
            {
                throw new DistributedApplicationException(Availability.Explain(name, instances));
            }

            if (instances.Count > 0 && instances.All(instance => KnownResourceStates.TerminalStates.Contains(instance.Snapshot.State?.Text)))
            {
                var wrong = instances.FirstOrDefault(instance => instance.Snapshot.ExitCode != wait.ExitCode);
                if (wrong is null)
                {
                    return;
                }

                throw new DistributedApplicationException($"'{name}' ended with exit code {wrong.Snapshot.ExitCode}, not {wait.ExitCode}.");
            }
        }
    }
}
