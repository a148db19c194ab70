using Microsoft.Extensions.Configuration;

namespace Chat.AppHost.Running;

internal static class Run
{
    /// <summary>Builds and runs until told to stop, once the ports are free.</summary>
    /// <returns>The exit code: 1 when a port is taken, and standard error says which.</returns>
    public static async Task<int> RunAsync(this IDistributedApplicationBuilder builder, RunPorts ports)
    {
        // A test's ports are random, and what is published has none.
        var fixedPorts = builder.ExecutionContext.IsRunMode && !builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts");
        if (fixedPorts && await ports.WaitFreeAsync(TimeProvider.System, Console.Out) is { } problem)
        {
            await Console.Error.WriteLineAsync($"Chat.AppHost cannot start: {problem}");
            return 1;
        }

        await builder.Build().RunAsync();
        return 0;
    }
}
