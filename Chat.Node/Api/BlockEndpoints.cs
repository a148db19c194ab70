using Chat.Node.Access;
using Chat.Node.Control;
using Chat.Protocol;

namespace Chat.Node.Api;

/// <summary>Whom a user does not want to be invited by: each has a list of one's own.</summary>
internal static class BlockEndpoints
{
    public static async Task<IResult> ListAsync(HttpContext context, TokenService tokens, Blocks blocks) =>
        await Bearer.CheckAsync(context, tokens) is { } token
            ? TypedResults.Ok(new { users = await blocks.ListAsync(token.User, context.RequestAborted) })
            : Bearer.Missing();

    public static async Task<IResult> AddAsync(string user, HttpContext context, TokenService tokens, Blocks blocks)
    {
        if (await Bearer.CheckAsync(context, tokens) is not { } token)
        {
            return Bearer.Missing();
        }

        if (!RoomName.IsValidUser(user) || user == token.User)
        {
            return Problems.Create(StatusCodes.Status400BadRequest, ErrorCode.Malformed, "Whom to block is the id of another user.");
        }

        return await blocks.TryAddAsync(token.User, user, context.RequestAborted)
            ? TypedResults.NoContent()
            : Problems.Create(StatusCodes.Status409Conflict, ErrorCode.Forbidden, "The list is full.");
    }

    public static async Task<IResult> RemoveAsync(string user, HttpContext context, TokenService tokens, Blocks blocks)
    {
        if (await Bearer.CheckAsync(context, tokens) is not { } token)
        {
            return Bearer.Missing();
        }

        await blocks.RemoveAsync(token.User, user, context.RequestAborted);
        return TypedResults.NoContent();
    }
}
