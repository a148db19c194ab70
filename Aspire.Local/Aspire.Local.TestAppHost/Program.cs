// An application for the tests of the hosting: replicas, and one that waits for them.
var builder = DistributedApplication.CreateBuilder(args);

var service = builder.AddProject<Projects.Aspire_Local_TestService>("service")
    .WithReplicas(2)
    .WithHttpHealthCheck("/health");

builder.AddProject<Projects.Aspire_Local_TestService>("front")
    .WithEndpoint("http", endpoint => endpoint.Port = null)
    .WithReference(service)
    .WaitFor(service)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints();

builder.Build().Run();
