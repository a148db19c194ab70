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
    /// <param name="steps">Nulls are left out.</param>
    public static void StopInOrder(this IDistributedApplicationBuilder builder, params IResourceBuilder<IResource>?[][] steps)
    {
        builder.Services.AddSingleton(new StopOrder([.. steps.Select(step => step.OfType<IResourceBuilder<IResource>>().Select(one => one.Resource).ToArray())]));
        builder.Services.AddHostedService<OrderlyStop>();
    }
}
