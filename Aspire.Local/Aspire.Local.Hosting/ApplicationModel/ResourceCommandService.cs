using Aspire.Local.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Starts and stops instances on demand.</summary>
public class ResourceCommandService
{
    private readonly Supervisor _supervisor;

    internal ResourceCommandService(Supervisor supervisor) => _supervisor = supervisor;

    /// <param name="resourceId">An instance's id, or the name of a resource with one instance.</param>
    /// <param name="commandName">One of KnownResourceCommands.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        var problem = await _supervisor.ExecuteAsync(resourceId, commandName, cancellationToken);
        return new ExecuteCommandResult { Success = problem is null, ErrorMessage = problem };
    }

    /// <summary>The same for all instances of a resource.</summary>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var problem = await _supervisor.ExecuteAsync(resource, commandName, cancellationToken);
        return new ExecuteCommandResult { Success = problem is null, ErrorMessage = problem };
    }
}
