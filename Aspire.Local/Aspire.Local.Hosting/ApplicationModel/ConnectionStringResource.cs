using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A connection string put together from other values.</summary>
public sealed class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
    : Resource(name), IResourceWithConnectionString, IResourceWithoutLifetime, IResourceWithWaitSupport
{
    public ReferenceExpression ConnectionStringExpression { get; } = connectionStringExpression;
}

/// <summary>A connection string that the configuration of the AppHost holds as <c>ConnectionStrings:name</c>.</summary>
internal sealed class ConfiguredConnectionStringResource(string name, ParameterResource value, string? environmentVariableName)
    : Resource(name), IResourceWithConnectionString, IResourceWithoutLifetime
{
    public ParameterResource Value => value;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{value}");

    public string? ConnectionStringEnvironmentVariable => environmentVariableName;
}
