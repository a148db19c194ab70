using Aspire.Hosting.ApplicationModel;

namespace Aspire.Local.Hosting.Running;

/// <summary>Stops each resource after those that wait for it, and all others side by side.</summary>
internal static class StopOrder
{
    public static Task RunAsync(IReadOnlyList<IResource> resources, Func<IResource, Task> stop)
    {
        var tasks = new Dictionary<IResource, Task>();
        return Task.WhenAll(resources.Select(resource => StopAsync(resource, [])));

        Task StopAsync(IResource resource, IReadOnlyList<IResource> path) => tasks.TryGetValue(resource, out var known)
            ? known
            : tasks[resource] = AfterAsync(
                [.. DependentsOf(resource).Where(dependent => !path.Contains(dependent)).Select(dependent => StopAsync(dependent, [.. path, resource]))],
                resource);

        async Task AfterAsync(IReadOnlyList<Task> dependents, IResource resource)
        {
            await Task.WhenAll(dependents);
            await stop(resource);
        }

        IEnumerable<IResource> DependentsOf(IResource resource) => resources.Where(other =>
            other.Annotations.OfType<WaitAnnotation>().Any(wait => wait.Resource == resource));
    }
}
