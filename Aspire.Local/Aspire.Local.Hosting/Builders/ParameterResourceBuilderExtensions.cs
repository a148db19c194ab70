using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a value read from the configuration: <c>Parameters:name</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(Configured(builder.Configuration, name, $"Parameters:{name}", secret));
    }

    /// <param name="value">Used unless the configuration has one.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(valueGetter);
        _ = publishValueAsDefault;
        return builder.AddResource(new ParameterResource(name, _ => builder.Configuration[$"Parameters:{name}"] ?? valueGetter(), secret));
    }

    /// <param name="persist">Ignored: a made-up value is new every run.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(value);
        _ = persist;
        var resource = Configured(builder.Configuration, name, $"Parameters:{name}", secret);
        resource.Default = value;
        return builder.AddResource(resource);
    }

    /// <summary>Adds a connection string read from the configuration: <c>ConnectionStrings:name</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var value = Configured(builder.Configuration, name, $"ConnectionStrings:{name}", secret: true);
        return builder.AddResource(new ConfiguredConnectionStringResource(name, value, environmentVariableName));
    }

    /// <summary>Adds a connection string put together from other values.</summary>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));
    }

    private static ParameterResource Configured(ConfigurationManager configuration, string name, string key, bool secret) =>
        new(name, preset => configuration[key] ?? preset?.GetDefaultValue() ?? throw new DistributedApplicationException(
            $"'{name}' has no value: set '{key}' in the configuration of the AppHost."), secret);
}
