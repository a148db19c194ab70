using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.AppHost.Breaking;

/// <summary>Breaking on purpose, from the dashboard: each fault is a command of the resource and, with replicas, of each instance.</summary>
internal static class FaultCommands
{
    /// <summary>Does nothing on Windows, which has none of these signals.</summary>
    public static IResourceBuilder<T> WithFaults<T>(this IResourceBuilder<T> builder, params Fault[] faults)
        where T : IResource
    {
        foreach (var fault in Programs.CanBeSignalled ? faults : [])
        {
            builder.WithCommand(
                fault.Command,
                fault.Title,
                context => RunAsync(fault, builder.Resource, context),
                new CommandOptions
                {
                    Description = fault.Description,
                    ConfirmationMessage = fault.Confirm,
                    IconName = fault.Icon,
                    UpdateState = context => context.ResourceSnapshot.State?.Text == fault.From
                        ? ResourceCommandState.Enabled
                        : ResourceCommandState.Hidden,
                });
        }

        return builder;
    }

    private static async Task<ExecuteCommandResult> RunAsync(Fault fault, IResource resource, ExecuteCommandContext context)
    {
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!notifications.TryGetCurrentState(context.ResourceName, out var instance))
        {
            return CommandResults.Failure($"There is no {context.ResourceName}.");
        }

        try
        {
            var target = await Target.OfAsync(instance.Snapshot, Engine(context.Services), context.CancellationToken);
            await fault.Do(target, context.CancellationToken);
        }
        catch (InvalidOperationException exception)
        {
            return CommandResults.Failure(exception.Message);
        }

        if (fault.Becomes is { } state)
        {
            await notifications.PublishUpdateAsync(resource, context.ResourceName, snapshot => snapshot with { State = state });
        }

        return CommandResults.Success();
    }

    // Aspire's own setting for the container engine.
    private static string Engine(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        return configuration["ASPIRE_CONTAINER_RUNTIME"] ?? configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"] ?? "docker";
    }
}
