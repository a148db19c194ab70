using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>
/// Stands between a browser and the server's WebSocket: while it is shut, there is no connection, and the page itself still loads. It can
/// refuse frames in the node's place.
/// </summary>
internal sealed class PageGate
{
    private readonly List<IWebSocketRoute> _open = [];
    private bool _shut;

    /// <summary>Frames of these types do not reach the node: the browser is told that they were refused, with this code.</summary>
    public IDictionary<string, string> Refuse { get; } = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();

    public Task StandAsync(IBrowserContext context) => context.RouteWebSocketAsync(new System.Text.RegularExpressions.Regex("/ws\\?"), Arrive);

    public async Task ShutAsync()
    {
        _shut = true;
        foreach (var socket in _open)
        {
            await socket.CloseAsync(new() { Code = 1001 });
        }

        _open.Clear();
    }

    public void Open() => _shut = false;

    private void Arrive(IWebSocketRoute socket)
    {
        if (_shut)
        {
            _ = socket.CloseAsync(new() { Code = 1001 });
            return;
        }

        _open.Add(socket);
        var node = socket.ConnectToServer();
        socket.OnMessage(message =>
        {
            var frame = JsonNode.Parse(message.Text!)!;
            var type = (string)frame["type"]!;
            if (Refuse.TryGetValue(type, out var code))
            {
                socket.Send(new JsonObject
                {
                    ["type"] = "error",
                    ["code"] = code,
                    ["message"] = $"The node refuses: {type}",
                    ["room"] = (string?)frame["room"],
                }.ToJsonString());
            }
            else
            {
                node.Send(message.Text!);
            }
        });
    }
}
