using System.Text;
using System.Text.Json;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Status;

/// <summary>Changes as server-sent events, until the client leaves or reads too slowly.</summary>
internal sealed class EventStream(BalancerEvents events, BalancerState state, TimeProvider clock)
{
    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(5);

    public async Task RunAsync(Wire client)
    {
        using var watch = events.Subscribe();
        using var patience = client.DeadlineFor(aborts: true);
        var sent = await SendAsync(client, patience,
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"u8.ToArray());
        while (sent && !state.Draining)
        {
            using var quiet = new CancellationTokenSource(KeepAlivePeriod, clock);
            try
            {
                var change = await watch.Reader.ReadAsync(quiet.Token);
                var json = JsonSerializer.Serialize(change, StatusJson.Default.BalancerEvent);
                sent = await SendAsync(client, patience, Encoding.UTF8.GetBytes($"event: {change.What}\ndata: {json}\n\n"));
            }
            catch (OperationCanceledException)
            {
                sent = await SendAsync(client, patience, ": still here\n\n"u8.ToArray());
            }
        }
    }

    /// <summary>Whoever is told to leave sends nothing more: its loop may have ended while this waited for a change.</summary>
    private async ValueTask<bool> SendAsync(Wire client, Deadline patience, byte[] bytes)
    {
        if (state.Draining)
        {
            return false;
        }

        patience.Set(KeepAlivePeriod);
        var sent = await client.SendAsync(bytes);
        patience.Clear();
        return sent;
    }
}
