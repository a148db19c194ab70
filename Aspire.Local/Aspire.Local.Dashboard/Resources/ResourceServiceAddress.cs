using Aspire.Local.ResourceService;

namespace Aspire.Local.Dashboard.Resources;

/// <summary>Where the AppHost is, as it told this process. Without it the dashboard shows telemetry only.</summary>
internal sealed record ResourceServiceAddress(Uri? Url, string Key, string Application)
{
    public static ResourceServiceAddress From(IConfiguration configuration) => new(
        Uri.TryCreate(configuration[ResourceServiceProtocol.UrlVariable], UriKind.Absolute, out var url) ? url : null,
        configuration[ResourceServiceProtocol.KeyVariable] ?? "",
        configuration[ResourceServiceProtocol.ApplicationVariable] is { Length: > 0 } name ? name : "Aspire");
}
