using Chat.Node.Api;
using Chat.Protocol;

namespace Chat.Node.Access;

/// <summary>The token of an HTTP request.</summary>
internal static class Bearer
{
    private const string Scheme = "Bearer ";

    /// <returns>Null when there is no valid one: answer with <see cref="Missing"/>.</returns>
    public static Task<AccessToken?> CheckAsync(HttpContext context, TokenService tokens)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return tokens.CheckAsync(header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null);
    }

    public static IResult Missing() => Problems.Create(
        StatusCodes.Status401Unauthorized, ErrorCode.BadToken, "A valid token is needed: Authorization: Bearer, from POST /api/login.");
}
