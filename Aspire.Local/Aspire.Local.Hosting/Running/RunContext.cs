using Aspire.Hosting;
using Aspire.Local.Hosting.Launching;

namespace Aspire.Local.Hosting.Running;

/// <summary>What is fixed for one run of an application.</summary>
/// <param name="Id">Every process of the run carries it.</param>
internal sealed record RunContext(
    string Id, string ApplicationName, AppHostFiles AppHost, DistributedApplicationOptions Options, DistributedApplicationExecutionContext Execution, OtlpEndpoint Otlp)
{
    public bool DashboardEnabled => !Options.DisableDashboard && AppHost.DashboardPath is not null;
}

/// <summary>Where the programs of the run send their telemetry.</summary>
/// <param name="Protocol"><c>grpc</c> or <c>http/protobuf</c>.</param>
internal sealed record OtlpEndpoint(string Url, string Protocol);
