using Chat.Node.Access;
using Chat.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Chat.Node.Api;

internal sealed record LoginRequest(string? User);

internal sealed record LoginResponse(string Token, DateTimeOffset ExpiresAt);

/// <summary>The sign-in for development: a name is enough. A real issuer takes its place elsewhere.</summary>
internal static class LoginEndpoint
{
    public static Results<Ok<LoginResponse>, ProblemHttpResult> Handle(
        LoginRequest request, TokenService tokens, IOptions<NodeOptions> options, IHostEnvironment environment)
    {
        if (!tokens.Issues || !(options.Value.DevelopmentLogin ?? environment.IsDevelopment()))
        {
            return Problems.Create(
                StatusCodes.Status403Forbidden, ErrorCode.Forbidden, "The development sign-in is off here.");
        }

        if (request.User is null || !RoomName.IsValidUser(request.User))
        {
            return Problems.Create(
                StatusCodes.Status400BadRequest, ErrorCode.Malformed, "\"user\" is 1-64 of letters, digits, - _ .");
        }

        var (token, expiresAt) = tokens.Issue(request.User);
        return TypedResults.Ok(new LoginResponse(token, expiresAt));
    }
}
