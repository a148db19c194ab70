using System.Net;

namespace Aspire.Local.Dashboard.Hosting;

/// <summary>
/// Refuses requests that a page of another site could have caused: a foreign Host (a name that was rebound to 127.0.0.1),
/// or a foreign Origin (a WebSocket, which browsers open across sites).
/// </summary>
internal static class LoopbackOnly
{
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!IsLoopback(request.Host.Host))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("Open the dashboard as localhost.", context.RequestAborted);
        }
        else if (request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{request.Host.Value}")
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else
        {
            await next(context);
        }
    }

    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
