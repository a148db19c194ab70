using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>Marks the connections that came in at the OTLP address, so that pages and telemetry never share a port.</summary>
internal static class OtlpListener
{
    private static readonly object Mark = new();

    public static void Configure(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Items[Mark] = Mark;
        return next(connection);
    });

    public static bool IsOtlp(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(Mark) == true;
}
