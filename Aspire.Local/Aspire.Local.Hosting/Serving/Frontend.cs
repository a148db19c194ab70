using Aspire.Local.Hosting.Running;

namespace Aspire.Local.Hosting.Serving;

/// <summary>What people see of a run: the lines on the console, and the dashboard with the service it asks.</summary>
internal sealed class Frontend(RunContext run, RunReporter reporter, ResourceServiceHost resources, DashboardProcess dashboard)
{
    /// <summary>Returns before the dashboard is up: nothing waits for it.</summary>
    public async Task StartAsync(Supervisor supervisor, CancellationToken cancellationToken)
    {
        reporter.Start();
        if (run.DashboardEnabled)
        {
            await resources.StartAsync(supervisor, cancellationToken);
            dashboard.Start(resources.Url, resources.Key);
        }
    }

    public async Task StopAsync()
    {
        await dashboard.StopAsync();
        await resources.StopAsync();
        await reporter.StopAsync();
    }
}
