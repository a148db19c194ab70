using System.Globalization;
using Chat.Node.Access;
using Chat.Node.Backplane;
using Chat.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Node.Api;

/// <summary>What others do not answer is not our fault, and not the client's: 503, and when to come again.</summary>
internal static class Unavailability
{
    private const int RetryAfterSeconds = 1;

    /// <summary>For every endpoint under <c>/api</c>.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (BackplaneUnavailableException)
        {
            return Answer(context.HttpContext, "Redis does not answer. Try again.");
        }
        catch (TokenCheckException)
        {
            return Answer(context.HttpContext, "Whether the token is valid cannot be said now: its issuer does not answer. Try again.");
        }
    }

    private static ProblemHttpResult Answer(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problems.Create(StatusCodes.Status503ServiceUnavailable, ErrorCode.Unavailable, detail);
    }
}
