using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static class RedisBuilderExtensions
{
    private const int PasswordLength = 22;

    /// <summary>Adds a Redis server: the program <c>redis-server</c>, found in the PATH.</summary>
    /// <param name="password">One is made up when null.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var generated = new GenerateParameterDefault { MinLength = PasswordLength, Special = false };
        var secret = password?.Resource ?? new ParameterResource($"{name}-password", _ => generated.GetDefaultValue(), secret: true);
        var resource = new RedisResource(name, secret);
        var key = $"{name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key, _ => new RedisPing(resource), null, null));
        return builder.AddResource(resource)
            .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, name: RedisResource.PrimaryEndpointName, port: port))
            .WithAnnotation(new MissingCommandAnnotation("Install redis-server, or give a connection string to a server that runs."))
            .WithHealthCheck(key);
    }

    /// <summary>Keeps the data in <c>.data/name</c> beside the AppHost; without it they go with the run.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (isReadOnly)
        {
            throw new DistributedApplicationException($"'{builder.Resource.Name}': a server that runs from the PATH cannot have read-only data.");
        }

        var folder = Path.Combine(builder.ApplicationBuilder.AppHostDirectory, ".data", name ?? builder.Resource.Name);
        return builder.WithAnnotation(new DataFolderAnnotation(folder), ResourceAnnotationMutationBehavior.Replace).WithPersistence();
    }

    /// <summary>Writes a snapshot when this many keys have changed within the interval.</summary>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var snapshot = new RedisSnapshotAnnotation(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold);
        if (!builder.Resource.Annotations.OfType<DataFolderAnnotation>().Any())
        {
            builder.WithAnnotation(new DataFolderAnnotation(Path.Combine(builder.ApplicationBuilder.AppHostDirectory, ".data", builder.Resource.Name)));
        }

        return builder.WithAnnotation(snapshot, ResourceAnnotationMutationBehavior.Replace);
    }
}

internal sealed record RedisSnapshotAnnotation(TimeSpan Interval, long KeysChanged) : IResourceAnnotation;
