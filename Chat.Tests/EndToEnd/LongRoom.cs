using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Chat.Tests.EndToEnd;

/// <summary>A node with one connection and one room, in which is said as much, and as fast, as a test asks for.</summary>
internal sealed class LongRoom : IDisposable
{
    private static readonly string[] Words = ["yes", "a sentence of the usual length", string.Join(' ', Enumerable.Repeat("a text that takes several lines", 12))];

    private readonly SemaphoreSlim _writing = new(1);
    private WebSocket? _socket;
    private int _top;

    /// <summary>The offset of the newest message.</summary>
    public int Top => _top;

    public void Map(WebApplication app)
    {
        app.MapPost("/api/login", () => Results.Json(new { token = "token" }));
        app.MapGet("/api/rooms", () => Results.Json(new { rooms = Array.Empty<string>() }));
        app.Map("/ws", ServeAsync);
    }

    /// <summary>Says so many messages, evenly, or as fast as they are taken.</summary>
    /// <param name="perSecond">Null: as fast as they are taken.</param>
    public async Task SayAsync(int messages, double? perSecond, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        for (var said = 0; said < messages;)
        {
            var due = perSecond is { } rate ? Math.Min(messages, (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * rate)) : messages;
            for (; said < due; said++)
            {
                await SendAsync(Message(_top + 1), cancellationToken);
                _top++;
            }

            if (said < messages)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
            }
        }
    }

    public void Dispose() => _writing.Dispose();

    private static JsonObject Message(int offset) => new()
    {
        ["type"] = "message",
        ["room"] = "long",
        ["epoch"] = "e",
        ["offset"] = offset,
        ["id"] = $"id{offset}",
        ["author"] = $"user{offset / 3 % 5}",
        ["text"] = $"{offset} {Words[offset % 7 == 0 ? 2 : offset % 2]}",
        ["sentAt"] = "2026-01-01T00:00:00.000Z",
        ["node"] = $"node{offset % 2}",
    };

    private static JsonObject[] Before(int before, int count)
    {
        var first = Math.Max(1, before - count);
        return [.. Enumerable.Range(first, Math.Max(0, before - first)).Select(Message)];
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        _socket = socket;
        var hello = """{"type":"hello","protocol":1,"node":"node0","connection":"c","user":"ada","pingSeconds":0,"limits":{"frameBytesMax":16384,"textBytesMax":4096,"roomsMax":100}}""";
        await SendAsync(JsonNode.Parse(hello)!, context.RequestAborted);
        var buffer = new byte[1 << 16];
        try
        {
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: WebSocketMessageType.Text } read)
            {
                await AnswerAsync(JsonDocument.Parse(buffer.AsMemory(0, read.Count)).RootElement, context.RequestAborted);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The page has gone.
        }
    }

    private Task AnswerAsync(JsonElement frame, CancellationToken cancellationToken) => frame.GetProperty("type").GetString() switch
    {
        "join" => SendAsync(
            new JsonObject
            {
                ["type"] = "joined",
                ["room"] = "long",
                ["epoch"] = "e",
                ["offset"] = _top,
                ["recovered"] = true,
                ["messages"] = new JsonArray(Before(_top + 1, 50)),
                ["members"] = new JsonArray("ada"),
            },
            cancellationToken),
        "history" => SendAsync(
            new JsonObject
            {
                ["type"] = "history",
                ["room"] = "long",
                ["messages"] = new JsonArray(Before(frame.GetProperty("before").GetInt32(), 50)),
                ["more"] = frame.GetProperty("before").GetInt32() > 51,
            },
            cancellationToken),
        _ => Task.CompletedTask,
    };

    private async Task SendAsync(JsonNode frame, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _socket!.SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }
}
