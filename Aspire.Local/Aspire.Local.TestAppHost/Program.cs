using Microsoft.Extensions.Configuration;

// An application for the tests of the hosting. Arguments choose how much of it there is.
var builder = DistributedApplication.CreateBuilder(args);
var service = builder.AddProject<Projects.Aspire_Local_TestService>("service")
    .WithReplicas(builder.Configuration.GetValue("Replicas", 1))
    .WithEndpoint("http", endpoint => endpoint.Port = builder.Configuration.GetValue<int?>("ServicePort"))
    .WithHttpHealthCheck("/health");

if (builder.Configuration.GetValue("Front", false))
{
    builder.AddProject<Projects.Aspire_Local_TestService>("front")
        .WithEndpoint("http", endpoint => endpoint.Port = null)
        .WithReference(service)
        .WaitFor(service)
        .WithHttpHealthCheck("/health")
        .WithExternalHttpEndpoints();
}

if (builder.Configuration["Script"] is { Length: > 0 } script)
{
    builder.AddExecutable("shell", "sh", ".", "-c", script);
}

builder.Build().Run();
