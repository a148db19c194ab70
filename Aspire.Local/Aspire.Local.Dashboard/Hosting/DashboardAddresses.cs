using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aspire.Local.Dashboard.Hosting;

/// <summary>Where the dashboard listens: pages for people, and the OTLP receiver.</summary>
internal sealed record DashboardAddresses(Uri Pages, Uri Otlp)
{
    public const string OtlpVariable = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";
    private const string PagesDefault = "http://localhost:18888";
    private const string OtlpDefault = "http://localhost:18890";

    /// <exception cref="DashboardStartException">An address is no plain loopback address.</exception>
    public static DashboardAddresses From(IConfiguration configuration)
    {
        var pages = Loopback("ASPNETCORE_URLS", FirstOf(configuration["urls"]) ?? PagesDefault);
        var otlp = Loopback(OtlpVariable, FirstOf(configuration[OtlpVariable]) ?? OtlpDefault);
        return pages.Port == otlp.Port && pages.Port != 0
            ? throw new DashboardStartException($"ASPNETCORE_URLS and {OtlpVariable} name the same port {pages.Port}; give them different ones.")
            : new DashboardAddresses(pages, otlp);
    }

    public static void Listen(KestrelServerOptions kestrel, Uri address, Action<ListenOptions> configure)
    {
        // "localhost" is both 127.0.0.1 and ::1, which cannot share a port chosen by the system.
        if (address.Host == "localhost" && address.Port != 0)
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
        else
        {
            var ip = address.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(address.DnsSafeHost);
            kestrel.Listen(ip, address.Port, configure);
        }
    }

    private static string? FirstOf(string? urls) =>
        urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();

    private static Uri Loopback(string variable, string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && IsLoopback(uri)
            ? uri
            : throw new DashboardStartException($"{variable} is '{url}', but the dashboard only listens on http://localhost:<port>.");

    private static bool IsLoopback(Uri uri) =>
        uri.Host == "localhost" || (IPAddress.TryParse(uri.DnsSafeHost, out var ip) && IPAddress.IsLoopback(ip));
}
