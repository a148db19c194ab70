using Aspire.Local.Hosting.Launching;
using Aspire.Local.Hosting.Running;
using Microsoft.Extensions.Configuration;

namespace Aspire.Local.Hosting.Serving;

/// <summary>Where the dashboard listens: its pages, and the telemetry of the run.</summary>
internal sealed record DashboardAddress(string Url, string OtlpUrl)
{
    private const string DefaultUrl = "http://localhost:18888";

    /// <summary>The pages take the address that the AppHost's own launch profile names.</summary>
    public static DashboardAddress Choose(IConfiguration configuration, AppHostFiles appHost, PortReservations ports)
    {
        var profile = appHost.ProjectPath is { } project ? LaunchProfiles.Choose(LaunchProfiles.Read(project), configuration["DOTNET_LAUNCH_PROFILE"]) : null;
        var url = configuration["ASPNETCORE_URLS"] ?? profile?.Profile.ApplicationUrl ?? DefaultUrl;
        var otlp = configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] ?? $"http://localhost:{ports.Take()}";
        return new(url.Split(';')[0], otlp);
    }

    /// <returns>The port that another program has; null when both are free.</returns>
    public int? TakenPort()
    {
        foreach (var url in new[] { Url, OtlpUrl })
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && !PortReservations.IsFree(uri.Port))
            {
                return uri.Port;
            }
        }

        return null;
    }
}
