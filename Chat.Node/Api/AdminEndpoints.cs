using Chat.Node.Access;
using Chat.Node.Control;
using Chat.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Node.Api;

internal sealed record KickRequest(string? User, string? Reason);

/// <param name="User">Tokens of this user issued until now, or until <paramref name="Seconds"/> from now, count no longer.</param>
/// <param name="TokenId">Instead of a user: this one token, by its claim <c>jti</c>.</param>
internal sealed record RevokeRequest(string? User, string? TokenId, int? Seconds, string? Reason);

internal sealed record PardonRequest(string? User);

/// <summary>What only those may do who run the chat: with a token that has their role. In Development, everybody.</summary>
internal static class AdminEndpoints
{
    /// <summary>What a close frame has room for.</summary>
    private const int ReasonLengthMax = 100;

    private const int TokenIdLengthMax = 128;
    private const int SecondsMax = 366 * 24 * 3600;

    public static async Task<IResult> KickAsync(
        KickRequest request, HttpContext context, TokenService tokens, Kicks kicks, IHostEnvironment environment)
    {
        if (await FindRefusalAsync(context, tokens, environment) is { } refusal)
        {
            return refusal;
        }

        var reason = request.Reason ?? "kicked";
        if (request.User is null || !RoomName.IsValidUser(request.User) || !IsReason(reason))
        {
            return Malformed($"\"user\" is a user id, \"reason\" at most {ReasonLengthMax} ASCII characters.");
        }

        await kicks.KickAsync(request.User, reason, context.RequestAborted);
        return TypedResults.NoContent();
    }

    /// <summary>Unlike a kick it lasts: the token that was held does not open the door again.</summary>
    public static async Task<IResult> RevokeAsync(
        RevokeRequest request, HttpContext context, TokenService tokens, Revocations revocations, TimeProvider time, IHostEnvironment environment)
    {
        if (await FindRefusalAsync(context, tokens, environment) is { } refusal)
        {
            return refusal;
        }

        var reason = request.Reason ?? "revoked";
        if (!IsReason(reason) || (request.User is null) == (request.TokenId is null) || request.Seconds is < 0 or > SecondsMax
            || (request.User is not null && !RoomName.IsValidUser(request.User)) || (request.TokenId is not null && !IsTokenId(request.TokenId)))
        {
            return Malformed("Either \"user\", with \"seconds\" from now or none, or \"tokenId\"; \"reason\" is ASCII.");
        }

        await (request.User is not null
            ? revocations.RevokeUserAsync(request.User, time.GetUtcNow().AddSeconds(request.Seconds ?? 0), reason, context.RequestAborted)
            : revocations.RevokeTokenAsync(request.TokenId!, reason, context.RequestAborted));
        return TypedResults.NoContent();
    }

    public static async Task<IResult> PardonAsync(
        PardonRequest request, HttpContext context, TokenService tokens, Revocations revocations, IHostEnvironment environment)
    {
        if (await FindRefusalAsync(context, tokens, environment) is { } refusal)
        {
            return refusal;
        }

        if (request.User is null || !RoomName.IsValidUser(request.User))
        {
            return Malformed("\"user\" is a user id.");
        }

        await revocations.PardonAsync(request.User, context.RequestAborted);
        return TypedResults.NoContent();
    }

    private static bool IsReason(string reason) => reason.Length is > 0 and <= ReasonLengthMax && !reason.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool IsTokenId(string id) => id.Length is > 0 and <= TokenIdLengthMax && !id.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static ProblemHttpResult Malformed(string detail) => Problems.Create(StatusCodes.Status400BadRequest, ErrorCode.Malformed, detail);

    private static async Task<IResult?> FindRefusalAsync(HttpContext context, TokenService tokens, IHostEnvironment environment) =>
        environment.IsDevelopment() ? null : await Bearer.CheckAsync(context, tokens) switch
        {
            null => Bearer.Missing(),
            { IsAdmin: false } => Problems.Create(StatusCodes.Status403Forbidden, ErrorCode.Forbidden, "The token lacks the role of an administrator."),
            _ => null,
        };
}
