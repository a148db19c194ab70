using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Aspire.Local.Hosting.Proxying;

/// <summary>The open tunnels of a proxy. Owns their sockets.</summary>
internal sealed class TunnelSet : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Socket, Task> _open = new();
    private volatile bool _closed;

    /// <param name="connect">Finds the other side; null when there is none.</param>
    public void Run(Socket client, Func<Task<Socket?>> connect)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[client] = RunAsync(client, connect, started.Task);
        started.SetResult();
        if (_closed)
        {
            client.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        while (!_open.IsEmpty)
        {
            var tunnels = _open.ToArray();
            foreach (var (client, _) in tunnels)
            {
                client.Dispose();
            }

            await Task.WhenAll(tunnels.Select(tunnel => tunnel.Value));
        }
    }

    private async Task RunAsync(Socket client, Func<Task<Socket?>> connect, Task started)
    {
        await started;
        using (client)
        {
            try
            {
                using var server = await connect();
                if (server is not null)
                {
                    await Tunnel.RunAsync(client, server);
                }
                else
                {
                    // A reset: the client learns at once that nobody is there.
                    client.LingerState = new LingerOption(true, 0);
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One side broke off; closing both tells the other.
            }
        }

        _open.TryRemove(client, out _);
    }
}
