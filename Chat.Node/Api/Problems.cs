using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Node.Api;

/// <summary>Errors over HTTP (RFC 9457), with the same codes as the frames.</summary>
internal static class Problems
{
    public static ProblemHttpResult Create(int status, string code, string detail) => TypedResults.Problem(
        detail, statusCode: status, extensions: [new KeyValuePair<string, object?>("code", code)]);
}
