using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Options;

namespace Chat.Node.Connections;

/// <summary>
/// Pings every connection once a period, and closes those that do not answer or whose token has expired. One timer for all
/// of them; who is pinged when is left to chance, so that they do not answer in step.
/// </summary>
internal sealed class Heartbeat(ConnectionTable connections, IOptions<NodeOptions> options, TimeProvider time) : BackgroundService
{
    /// <summary>As a period is at most 30 s, each connection is looked at more than once a second: a token's end is not missed by more.</summary>
    private const int Slots = 32;

    private static readonly OutboundFrame Ping = OutboundFrame.Text(new PingFrame());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PingPeriod / Slots, time);
        for (var slot = 0; await timer.WaitForNextTickAsync(stoppingToken); slot = (slot + 1) % Slots)
        {
            Beat(slot);
        }
    }

    private void Beat(int slot)
    {
        var now = time.GetUtcNow();
        foreach (var connection in connections.All)
        {
            if (connection.IsOverdue)
            {
                connection.Close(CloseCode.NoPong, "no pong");
            }
            else if (connection.Token.ExpiresAt <= now)
            {
                connection.Close(CloseCode.TokenExpired, "token expired");
            }
            else if (SlotOf(connection) == slot)
            {
                connection.NotePinged();
                connection.Send(Ping);
            }
        }
    }

    private static int SlotOf(Connection connection) => connection.Scatter % Slots;
}
