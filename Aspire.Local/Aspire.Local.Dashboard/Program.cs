using Aspire.Local.Dashboard.Hosting;

try
{
    await using var app = await DashboardApp.StartAsync(args, CancellationToken.None);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (DashboardStartException e)
{
    await Console.Error.WriteLineAsync($"Dashboard: {e.Message}");
    return 1;
}
