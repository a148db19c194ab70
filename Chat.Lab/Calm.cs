using Chat.Lab.Checking;
using Chat.Lab.Clients;

namespace Chat.Lab;

/// <summary>Waits after the load: until everything that will come has come.</summary>
/// <param name="settleSecondsMax">For acks and connections.</param>
/// <param name="completeSecondsMax">For what is missing in somebody's view.</param>
internal sealed class Calm(double settleSecondsMax, double completeSecondsMax)
{
    /// <summary>The same for all strategies: whoever shows everything at once has to keep still for as long as the others.</summary>
    private const double QuietSeconds = 1.5;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    public static Calm Usual { get; } = new(settleSecondsMax: 15, completeSecondsMax: 15);

    /// <summary>For nodes that are wrong for ever: nothing gets better by waiting.</summary>
    public static Calm Short { get; } = new(settleSecondsMax: 2, completeSecondsMax: 2);

    /// <summary>Until every message is acked or refused, and everybody who is there is connected; or until the time is over.</summary>
    public async Task SettleAsync(Crowd crowd, CancellationToken cancellationToken)
    {
        var until = crowd.Clock.Now + settleSecondsMax;
        while (crowd.Clock.Now < until
            && crowd.Clients.Any(client => !client.IsGone && (client.Open > 0 || client.Node is null)))
        {
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>
    /// Until nothing was shown or told for a while, and, where there is a log, everybody has been shown what is in it and sees who is
    /// there; or until the time is over.
    /// </summary>
    public async Task QuietAsync(Crowd crowd, IReadOnlyDictionary<string, IReadOnlyList<LogEntry>>? log, CancellationToken cancellationToken)
    {
        var begun = crowd.Clock.Now;
        while (crowd.Clock.Now < begun + completeSecondsMax)
        {
            var last = Math.Max(begun, crowd.Clients.Max(client => client.ChangedAt));
            if (crowd.Clock.Now - last >= QuietSeconds && IsComplete(crowd, log))
            {
                return;
            }

            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    private static bool IsComplete(Crowd crowd, IReadOnlyDictionary<string, IReadOnlyList<LogEntry>>? log)
    {
        LabClient[] there = [.. crowd.Clients.Where(client => !client.IsGone)];
        var people = there.SelectMany(client => client.RoomNames, (client, room) => (room, client.User)).Distinct().ToLookup(pair => pair.room, pair => pair.User);
        return there.All(client => client.RoomNames.All(room =>
            client.HasShown(room, log?.GetValueOrDefault(room)?.Count ?? 0) && client.Sees(room, [.. people[room]])));
    }
}
