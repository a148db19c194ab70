using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Local.Hosting;
using Aspire.Local.Hosting.Launching;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly ResourceCollection _resources = [];
    private readonly AppHostInterception? _interception;
    private DistributedApplication? _application;

    public DistributedApplicationBuilder(DistributedApplicationOptions options, AppHostInterception? interception)
    {
        _interception = interception;
        interception?.Prepare(options);
        AppHostAssembly = interception?.Assembly ?? FindAssembly(options);
        AppHost = AppHostFiles.Of(AppHostAssembly);
        AppHostDirectory = AppHost.Directory;
        _host = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = options.Args,
            ApplicationName = AppHostAssembly?.GetName().Name,
            ContentRootPath = AppHostDirectory,
            EnvironmentName = options.EnvironmentName,
        });
        Options = options;
        ExecutionContext = new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run);
        HostingServices.Add(this);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources => _resources;

    internal DistributedApplicationOptions Options { get; }

    internal AppHostFiles AppHost { get; }

    internal HostApplicationBuilder Host => _host;

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (_resources.Any(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"Cannot add resource '{resource.Name}': there is one with that name already.");
        }

        _resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    /// <summary>Under a test the AppHost's Main ends here: the test builds.</summary>
    public DistributedApplication Build() => _interception is null ? BuildApplication() : throw _interception.Capture(this);

    internal DistributedApplication BuildApplication() => _application ??= new DistributedApplication(_host.Build());

    private static Assembly? FindAssembly(DistributedApplicationOptions options) =>
        options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
}

internal sealed class ResourceBuilder<T>(IDistributedApplicationBuilder applicationBuilder, T resource) : IResourceBuilder<T>
    where T : IResource
{
    public IDistributedApplicationBuilder ApplicationBuilder { get; } = applicationBuilder;

    public T Resource { get; } = resource;

    public IResourceBuilder<T> WithAnnotation<TAnnotation>(
        TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation
    {
        if (behavior == ResourceAnnotationMutationBehavior.Replace)
        {
            foreach (var old in Resource.Annotations.OfType<TAnnotation>().ToArray())
            {
                Resource.Annotations.Remove(old);
            }
        }

        Resource.Annotations.Add(annotation);
        return this;
    }
}
