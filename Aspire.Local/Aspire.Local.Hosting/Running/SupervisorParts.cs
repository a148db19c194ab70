using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Local.Hosting.Processes;
using Aspire.Local.Hosting.Serving;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Local.Hosting.Running;

/// <summary>What the supervisor leads.</summary>
internal sealed record SupervisorParts(
    IDistributedApplicationEventing Eventing,
    GuardProcess Guard,
    Leftovers Leftovers,
    DependencyWaiter Waiter,
    HealthCheckService Checks,
    ResourceLoggerService Loggers,
    Frontend Frontend);
