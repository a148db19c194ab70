using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Xunit;

namespace Aspire.Local.Tests.Hosting;

/// <summary>Calls as an AppHost written for Aspire makes them: they compile, and say what Aspire's would.</summary>
public sealed class SurfaceTests
{
    [Fact]
    public async Task Every_call_an_app_host_makes_is_there()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Aspire_Local_TestAppHost>();

        var password = builder.AddParameter("password", new GenerateParameterDefault { MinLength = 32 }, secret: true, persist: true);
        var fixedValue = builder.AddParameter("fixed", "value", publishValueAsDefault: false, secret: false);
        var computed = builder.AddParameter("computed", () => "value");
        var redis = builder.AddRedis("redis", port: 6400, password: password).WithDataVolume().WithPersistence();
        var project = builder.AddProject<Projects.Aspire_Local_TestService>("project").WithReplicas(2);
        var viaEndpoint = builder.AddConnectionString(
            "via-endpoint", ReferenceExpression.Create($"{project.GetEndpoint("http").Property(EndpointProperty.HostAndPort)},password={password}"));
        var configured = builder.AddConnectionString("configured", "CONFIGURED");
        IResourceBuilder<IResourceWithConnectionString> anyRedis = redis;
        var tool = builder.AddExecutable("tool", "sh", ".", "-c", "true").WithOtlpExporter();
        var npm = builder.AddNpmApp("npm", ".", "dev", ["--host"])
            .WithHttpEndpoint(port: 5173, targetPort: 5174, name: "web", env: "PORT", isProxied: true)
            .WithEndpoint(scheme: "tcp", name: "raw", isExternal: false, protocol: ProtocolType.Tcp)
            .WithEndpoint("web", endpoint => endpoint.IsExternal = true, createIfNotExists: false)
            .WithExternalHttpEndpoints()
            .WithUrl("http://localhost/", "home")
            .WithUrlForEndpoint("web", url => url.DisplayText = "Chat")
            .WithHttpHealthCheck("/", 200, "web")
            .WithArgs("one", "two")
            .WithArgs(project.GetEndpoint("http"), 3)
            .WithEnvironment("TEXT", "text")
            .WithEnvironment("ENDPOINT", project.GetEndpoint("http"))
            .WithEnvironment("EXPRESSION", ReferenceExpression.Create($"{project.GetEndpoint("http").Property(EndpointProperty.Port)}"))
            .WithEnvironment("INTERPOLATED", $"redis://{redis.Resource.PrimaryEndpoint.Property(EndpointProperty.Host)}")
            .WithEnvironment("PARAMETER", fixedValue)
            .WithEnvironment(context => context.EnvironmentVariables["CALLBACK"] = computed.Resource)
            .WithReference(anyRedis, connectionName: "other", optional: true)
            .WithReference(viaEndpoint)
            .WithReference(configured, optional: true)
            .WithReference(project)
            .WithReference(project.GetEndpoint("http"))
            .WaitFor(project)
            .WaitForCompletion(tool, exitCode: 0);

        Assert.Equal("npm", npm.Resource.Name);
        Assert.Equal(
            "{project.bindings.http.HostAndPort},password={password.value}", viaEndpoint.Resource.ConnectionStringExpression.ValueExpression);
        Assert.Equal("Aspire.Local.TestAppHost.csproj", Path.GetFileName(Projects.Aspire_Local_TestAppHost.ProjectPath));
        Assert.True(File.Exists(new Projects.Aspire_Local_TestService().ProjectPath));
        Assert.True(builder.ExecutionContext.IsRunMode);
    }

    [Fact]
    public void Expression_keeps_braces_of_its_text()
    {
        var expression = ReferenceExpression.Create($"{{a}} {"b"}");

        Assert.Equal("{{a}} b", expression.Format);
    }

    [Fact]
    public async Task Main_that_fails_fails_the_test_with_its_own_exception()
    {
        var error = await Record.ExceptionAsync(() =>
            DistributedApplicationTestingBuilder.CreateAsync<Projects.Aspire_Local_TestAppHost>(["--Replicas=-1"]));

        Assert.IsType<ArgumentOutOfRangeException>(error);
    }

    [Fact]
    public async Task Endpoint_of_something_unknown_is_refused_with_its_name()
    {
        await using var app = await TestApp.StartAsync();

        var error = Assert.Throws<ArgumentException>(() => app.Application.GetEndpoint("nobody"));

        Assert.Contains("nobody", error.Message, StringComparison.Ordinal);
    }
}
