using Chat.Lab.Experiments;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>Which of the promises that hold for every experiment did not hold.</summary>
internal static class Judgement
{
    /// <summary>A ghost may live for one lease; then the leave is gathered, published and shown.</summary>
    public const double GhostSecondsMax = 5 + 3;

    public static IEnumerable<string> Of(Outcome outcome, bool redisKeepsData)
    {
        var (tally, log) = (outcome.Findings.Tally, outcome.Findings.Log);
        (bool Holds, string Promise)[] promises =
        [
            (tally.AckedButLost == 0 || !redisKeepsData, $"acked means stored: {tally.AckedButLost} acked messages are nowhere"),
            (tally.LostUnnoticed == 0, $"no holes: {tally.LostUnnoticed} deliveries lost and nobody told"),
            (tally.OwnLost == 0, $"no holes: {tally.OwnLost} messages that their writer was never shown"),
            (tally.Skips == 0, $"no holes: {tally.Skips} times the offsets jumped"),
            (tally.Lost == tally.LostUnnoticed || !redisKeepsData, $"everything comes after a reconnect: {tally.Lost - tally.LostUnnoticed} deliveries given up, and told"),
            (tally.Duplicates == 0, $"no repeats: {tally.Duplicates} deliveries shown again"),
            (tally.Inversions == 0, $"one order: {tally.Inversions} pairs seen the other way round"),
            (log.StoredTwice == 0, $"no repeats: {log.StoredTwice} messages are stored twice"),
            (log.AgainstLogOrder == 0 || !redisKeepsData, $"one order: {log.AgainstLogOrder} times something was shown after what stands behind it in the log"),
            (log.NotInLog == 0 || !redisKeepsData, $"one order: {log.NotInLog} times something was shown that is not in the log"),
            (log.AckedElsewhere == 0 || !redisKeepsData, $"acked means stored: {log.AckedElsewhere} acks name another position than the message has"),
            (log.Told == 0 || !redisKeepsData || tally.Lost > tally.LostUnnoticed, $"faults are visible, and only they: {log.Told} times a client was told of a loss that was none"),
            (tally.GhostSeconds <= GhostSecondsMax, $"presence heals: a ghost of {tally.GhostSeconds:0.0} s"),
        ];
        return promises.Where(promise => !promise.Holds).Select(promise => promise.Promise);
    }

    /// <param name="broken">All promises that did not hold, those of the experiment included.</param>
    public static Verdict Colour(Tally tally, IReadOnlyCollection<string> broken)
    {
        var silent = tally.LostUnnoticed + tally.OwnLost + tally.Skips + tally.Duplicates + tally.Inversions > 0;
        var told = tally.Lost - tally.LostUnnoticed > 0 || tally.AckedButLost > 0;
        return broken.Count == 0 ? (told ? Verdict.Told : Verdict.Whole)
            : !silent && told && broken.All(promise => promise.StartsWith("everything comes", StringComparison.Ordinal)) ? Verdict.Told
            : Verdict.Broken;
    }
}
