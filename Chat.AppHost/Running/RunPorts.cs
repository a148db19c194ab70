using System.Net.NetworkInformation;
using Microsoft.Extensions.Configuration;

namespace Chat.AppHost.Running;

/// <summary>The fixed ports of a run, each under the setting that changes it.</summary>
internal sealed class RunPorts
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, int> _ports = [];

    public RunPorts(IConfiguration configuration)
    {
        Balancer = Add("Chat:Ports:Balancer", configuration.GetValue("Chat:Ports:Balancer", 8080));
        Web = Add("Chat:Ports:Web", configuration.GetValue("Chat:Ports:Web", 5173));
        foreach (var setting in new[] { "ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL" })
        {
            if (Uri.TryCreate(configuration[setting]?.Split(';')[0], UriKind.Absolute, out var url))
            {
                Add(setting, url.Port);
            }
        }
    }

    public int Balancer { get; }

    public int Web { get; }

    /// <summary>
    /// Waits until all are free: after <c>kill -9</c> of an AppHost its children have up to 6 s to leave. A port that stays taken would
    /// make the program that wants it fail later and elsewhere.
    /// </summary>
    /// <returns>A sentence for the user when one is still taken; null when all are free.</returns>
    public async Task<string?> WaitFreeAsync(TimeProvider time, TextWriter output)
    {
        var start = time.GetTimestamp();
        var said = false;
        while (Taken() is { } taken)
        {
            if (time.GetElapsedTime(start) > WaitMax)
            {
                return $"Port {_ports[taken]} is taken by another program. Stop that program, or choose another port with --{taken}=.";
            }

            if (!said)
            {
                await output.WriteLineAsync($"Port {_ports[taken]} is still taken: waiting for it, {WaitMax.TotalSeconds:F0} s at most.");
                said = true;
            }

            await Task.Delay(Period, time);
        }

        return null;
    }

    private int Add(string setting, int port)
    {
        // 0 is any free port.
        if (port > 0)
        {
            _ports[setting] = port;
        }

        return port;
    }

    private string? Taken()
    {
        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(endpoint => endpoint.Port).ToHashSet();
        return _ports.Keys.FirstOrDefault(setting => listening.Contains(_ports[setting]));
    }
}
