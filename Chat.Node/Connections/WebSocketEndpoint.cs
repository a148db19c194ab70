using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace Chat.Node.Connections;

/// <summary>
/// WebSocket requests that come through the HTTP server: second requests of a kept-alive connection, TLS, and those that
/// must be told what is wrong with them.
/// </summary>
internal static class WebSocketEndpoint
{
    public static async Task HandleAsync(HttpContext context, ConnectionHost host, OriginPolicy origins, NodeLoops loops)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        var handshake = Handshake.Read(context.Request.Headers, context.Request.Query["access_token"].FirstOrDefault());
        if (handshake is null || upgrade is not { IsUpgradableRequest: true })
        {
            context.Response.Headers.SecWebSocketVersion = "13";
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "Not a WebSocket handshake (RFC 6455, version 13).");
            return;
        }

        if (!origins.Allows(handshake.Origin))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "This origin may not open a WebSocket here: add it to Chat:AllowedOrigins.");
            return;
        }

        context.Response.Headers.SecWebSocketAccept = handshake.Accept;
        context.Response.Headers.SecWebSocketProtocol = handshake.Offer.Subprotocol;
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        await using var stream = await upgrade.UpgradeAsync();
        var loop = loops.Next();
        await loop.RunAsync(() => host.RunAsync(handshake, new StreamTransport(stream, loop), [], context.RequestAborted));
    }

    private static Task RefuseAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new ProblemDetails { Status = status, Detail = detail }, options: null, contentType: "application/problem+json");
    }
}
