using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Health;

namespace Aspire.Hosting;

public static class HealthCheckBuilderExtensions
{
    /// <summary>Healthy while a GET answers as wanted. Each instance is asked at its own address, so a replica that is not ready shows.</summary>
    /// <param name="statusCode">200 when null.</param>
    /// <param name="endpointName">The first HTTP endpoint when null.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (wantedPath, wantedStatus) = (path ?? "/", statusCode ?? 200);
        var key = $"{builder.Resource.Name}_{endpointName ?? "http"}_{wantedPath}_{wantedStatus}_check";
        var check = new HttpCheck(wantedPath, wantedStatus);
        return builder.WithAnnotation(new InstanceHealthCheckAnnotation(key, check.RunAsync, endpointName));
    }

    /// <summary>Healthy while the health check that the AppHost's services know by this name is.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(known => known.Key == key))
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' has the health check '{key}' already.");
        }

        return builder.WithAnnotation(new HealthCheckAnnotation(key));
    }
}
