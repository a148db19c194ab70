using Microsoft.Extensions.DependencyInjection;

namespace Chat.AppHost.Running;

/// <param name="Steps">Those of one step stop together, the next step's after them.</param>
internal sealed record StopOrder(IResource[][] Steps)
{
    /// <summary>What nodes and balancer may take to leave: the orchestrator kills after 6 s.</summary>
    public static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(3);
}

internal static class StopOrderExtensions
{
    /// <summary>Leaves in the time of a run; what is published keeps the program's own.</summary>
    /// <param name="variable">Of the option that says how long leaving may take.</param>
    public static IResourceBuilder<ProjectResource> WithDrainMax(this IResourceBuilder<ProjectResource> project, string variable, string value) =>
        project.ApplicationBuilder.ExecutionContext.IsRunMode ? project.WithEnvironment(variable, value) : project;

    /// <param name="steps">Nulls are left out.</param>
    public static void StopInOrder(this IDistributedApplicationBuilder builder, params IResourceBuilder<IResource>?[][] steps)
    {
        builder.Services.AddSingleton(new StopOrder([.. steps.Select(step => step.OfType<IResourceBuilder<IResource>>().Select(one => one.Resource).ToArray())]));
        builder.Services.AddHostedService<OrderlyStop>();
    }
}
