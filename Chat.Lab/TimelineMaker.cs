using Chat.Lab.Experiments;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>What came when, and what was missing, over the run.</summary>
internal static class TimelineMaker
{
    private const int BucketsMax = 160;
    private const double LateSeconds = 1;

    public static Timeline Make(Outcome outcome, Trial trial)
    {
        var end = outcome.Evidence.EndedAt;
        var width = Math.Max(0.25, end / BucketsMax);
        var (live, late, missing) = (new int[Buckets()], new int[Buckets()], new int[Buckets()]);
        var sentAt = outcome.Evidence.Clients
            .SelectMany(client => client.Sent.Select(message => (Key: (client.User, message.Id), message.SentAt)))
            .ToDictionary(entry => entry.Key, entry => entry.SentAt);
        foreach (var shown in outcome.Evidence.Clients.SelectMany(client => client.Rooms).SelectMany(room => room.Shown))
        {
            var sent = sentAt.GetValueOrDefault((shown.Author, shown.Id), shown.At);
            (shown.At - sent > LateSeconds ? late : live)[At(shown.At)]++;
        }

        foreach (var lost in outcome.Findings.Lost)
        {
            missing[At(lost.SentAt)]++;
        }

        return new Timeline(width, live, late, missing, trial.Faults, [.. trial.Events, .. Told(outcome, width)]);

        int Buckets() => (int)(end / width) + 1;

        int At(double time) => Math.Clamp((int)(time / width), 0, live.Length - 1);
    }

    private static IEnumerable<TimelineEvent> Told(Outcome outcome, double width) =>
        from client in outcome.Evidence.Clients
        from room in client.Rooms
        from told in room.Told
        group told by (int)(told.At / width) into bucket
        orderby bucket.Key
        select new TimelineEvent(bucket.Key * width, "told of a loss", bucket.Count());
}
