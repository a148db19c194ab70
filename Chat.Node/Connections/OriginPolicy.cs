using Microsoft.Extensions.Options;

namespace Chat.Node.Connections;

/// <summary>
/// Which pages may open a WebSocket here. Browsers send credentials of the user along with any page's request, so an
/// unknown page is refused; programs that are no browsers send no Origin.
/// </summary>
internal sealed class OriginPolicy(IOptions<NodeOptions> options, IHostEnvironment environment)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    public bool Allows(string? origin) =>
        origin is null
        || _allowed.Contains(origin)
        || (environment.IsDevelopment() && Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.IsLoopback);
}
