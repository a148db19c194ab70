using Chat.Node.Access;
using Chat.Node.Backplane;
using Chat.Node.Control;
using Chat.Protocol;

namespace Chat.Node.Api;

internal sealed record KickRequest(string? User, string? Reason);

/// <summary>What only those may do who run the chat: with a token that has the role <c>admin</c>. In Development, everybody.</summary>
internal static class AdminEndpoints
{
    /// <summary>What a close frame has room for.</summary>
    private const int ReasonLengthMax = 100;

    public static async Task<IResult> KickAsync(
        KickRequest request, HttpContext context, TokenService tokens, Kicks kicks, IHostEnvironment environment)
    {
        if (!environment.IsDevelopment() && await FindRefusalAsync(context, tokens) is { } refusal)
        {
            return refusal;
        }

        var reason = request.Reason ?? "kicked";
        if (request.User is null || !RoomName.IsValidUser(request.User)
            || reason.Length is 0 or > ReasonLengthMax || reason.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return Problems.Create(
                StatusCodes.Status400BadRequest, ErrorCode.Malformed, $"\"user\" is a user id, \"reason\" at most {ReasonLengthMax} ASCII characters.");
        }

        try
        {
            await kicks.KickAsync(request.User, reason, context.RequestAborted);
            return TypedResults.NoContent();
        }
        catch (BackplaneUnavailableException)
        {
            return Problems.Create(StatusCodes.Status503ServiceUnavailable, ErrorCode.Unavailable, "Redis does not answer. Try again.");
        }
    }

    private static async Task<IResult?> FindRefusalAsync(HttpContext context, TokenService tokens) =>
        await Bearer.CheckAsync(context, tokens) switch
        {
            null => Bearer.Missing(),
            { IsAdmin: false } => Problems.Create(StatusCodes.Status403Forbidden, ErrorCode.Forbidden, "The token lacks the role admin."),
            _ => null,
        };
}
