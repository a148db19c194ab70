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
        var sent = await client.SendAsync(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"u8.ToArray());
        while (sent && !state.Draining)
        {
            using var quiet = new CancellationTokenSource(KeepAlivePeriod, clock);
            try
            {
                var change = await watch.Reader.ReadAsync(quiet.Token);
                var json = JsonSerializer.Serialize(change, StatusJson.Default.BalancerEvent);
                sent = await client.SendAsync(Encoding.UTF8.GetBytes($"event: {change.What}\ndata: {json}\n\n"));
            }
            catch (OperationCanceledException)
            {
                sent = await client.SendAsync(": still here\n\n"u8.ToArray());
            }
        }
    }
}
