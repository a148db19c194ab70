using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>Stands between a browser and the server's WebSocket: while it is shut, there is no connection, and the page itself still loads.</summary>
internal sealed class PageGate
{
    private readonly List<IWebSocketRoute> _open = [];
    private bool _shut;

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
        socket.ConnectToServer();
    }
}
