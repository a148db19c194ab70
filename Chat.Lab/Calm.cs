using Chat.Lab.Checking;
using Chat.Lab.Clients;

namespace Chat.Lab;

/// <summary>Waits after the load: until everything that will come has come.</summary>
internal static class Calm
{
    private const double QuietSeconds = 1.5;
    private const double RepairSeconds = 5;
    private const double CompleteSecondsMax = 15;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Until every message is acked or refused, and everybody who is there is connected; or until the time is over.</summary>
    public static async Task SettleAsync(Crowd crowd, double secondsMax, CancellationToken cancellationToken)
    {
        var until = crowd.Clock.Now + secondsMax;
        while (crowd.Clock.Now < until
            && crowd.Clients.Any(client => !client.IsGone && (client.Open > 0 || client.Node is null)))
        {
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>
    /// Until everybody was shown everything in the history; where that does not come about, or there is none, until nothing new was
    /// shown for a while.
    /// </summary>
    public static async Task QuietAsync(
        Crowd crowd, IReadOnlyDictionary<string, IReadOnlyList<LogEntry>>? history, CancellationToken cancellationToken)
    {
        var until = crowd.Clock.Now + CompleteSecondsMax;
        var (shown, since) = (-1L, crowd.Clock.Now);
        while (crowd.Clock.Now < until && !(history is not null && IsComplete(crowd, history)))
        {
            var now = crowd.Clients.Sum(client => client.Shown);
            if (now != shown)
            {
                (shown, since) = (now, crowd.Clock.Now);
            }
            else if (crowd.Clock.Now - since >= (history is null ? QuietSeconds : RepairSeconds))
            {
                return;
            }

            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    private static bool IsComplete(Crowd crowd, IReadOnlyDictionary<string, IReadOnlyList<LogEntry>> history) =>
        crowd.Clients.Where(client => !client.IsGone).All(client => client.RoomNames.All(room => client.HasShown(room, history.GetValueOrDefault(room)?.Count ?? 0)));
}
