using System.Globalization;
using Chat.Node.Access;
using Chat.Node.Admission;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Options;

namespace Chat.Node.Api;

/// <summary>Rooms and their messages over HTTP, for those who hold no WebSocket.</summary>
internal static class RoomEndpoints
{
    public static async Task<IResult> ListAsync(HttpContext context, TokenService tokens, IBackplane backplane)
    {
        if (await Bearer.CheckAsync(context, tokens) is null)
        {
            return Bearer.Missing();
        }

        return TypedResults.Ok(new { rooms = await backplane.ListRoomsAsync(context.RequestAborted) });
    }

    public static async Task<IResult> ReadAsync(
        string room, long? before, int? limit, HttpContext context, TokenService tokens, IBackplane backplane, ReadBudget reads, IOptions<NodeOptions> options)
    {
        if (await Bearer.CheckAsync(context, tokens) is not { } token)
        {
            return Bearer.Missing();
        }

        if (!RoomName.IsValid(room) || !RoomName.Admits(room, token.User))
        {
            return Problems.Create(StatusCodes.Status404NotFound, ErrorCode.BadRoom, "There is no such room for this user.");
        }

        if (before is < 1 || limit is < 1)
        {
            return Problems.Create(StatusCodes.Status400BadRequest, ErrorCode.Malformed, "\"before\" and \"limit\" are above zero.");
        }

        if (await reads.TakeAsync(token.User, context.RequestAborted) is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Problems.Create(StatusCodes.Status429TooManyRequests, ErrorCode.RateLimited, "Too much was read. Try again a little later.");
        }

        var most = Math.Min(limit ?? options.Value.NewestMessages, options.Value.NewestMessages);
        var page = await backplane.ReadBeforeAsync(room, before ?? long.MaxValue, most, context.RequestAborted);
        reads.Spend(token.User, page);
        var json = FrameCodec.EncodeHistory(
            new HistoryFrame(room, [], page.More), [.. page.Messages.Select(message => message.Frame)]);
        return TypedResults.Bytes(json, "application/json");
    }
}
