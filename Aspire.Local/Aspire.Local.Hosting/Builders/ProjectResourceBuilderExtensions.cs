using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Launching;

namespace Aspire.Hosting;

public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project; its endpoints and variables come from its launchSettings.json.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        var project = new TProject();
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation<IProjectMetadata>(project);
        var wanted = builder.Configuration["AppHost:DefaultLaunchProfileName"] ?? builder.Configuration["DOTNET_LAUNCH_PROFILE"];
        if (LaunchProfiles.Choose(project, wanted) is var (profileName, profile))
        {
            ApplyProfile(resource, profileName, profile);
        }

        return resource.WithOtlpExporter().WithEnvironment(SetUrls);
    }

    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfNegative(replicas);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static void ApplyProfile(IResourceBuilder<ProjectResource> builder, string name, LaunchProfile profile)
    {
        var addresses = (profile.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var address in addresses.Select(text => new Uri(text)).DistinctBy(uri => uri.Scheme))
        {
            builder.WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, address.Scheme, port: address.Port));
        }

        builder.WithEnvironment(context =>
        {
            foreach (var (variable, value) in profile.EnvironmentVariables)
            {
                context.EnvironmentVariables.TryAdd(variable, Environment.ExpandEnvironmentVariables(value));
            }

            context.EnvironmentVariables["DOTNET_LAUNCH_PROFILE"] = name;
        });

        if (profile.CommandLineArgs is { Length: > 0 } line)
        {
            builder.WithArgs(CommandLine.Split(line));
        }
    }

    /// <summary>The addresses an instance listens on are its own: the endpoint's port belongs to the proxy in front.</summary>
    private static void SetUrls(EnvironmentCallbackContext context)
    {
        var resource = (IResourceWithEndpoints)context.Resource;
        var urls = resource.Annotations.OfType<EndpointAnnotation>()
            .Where(endpoint => endpoint.UriScheme is "http" or "https" && endpoint.PortVariable is null)
            .Select(endpoint => new EndpointReference(resource, endpoint.Name).Property(EndpointProperty.TargetPort))
            .ToArray();
        if (urls.Length > 0)
        {
            context.EnvironmentVariables.TryAdd("ASPNETCORE_URLS", new ListenAddresses(urls));
        }
    }
}
