using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

internal enum WrongKind
{
    Unnoticed,
    AckedButLost,
    Doubled,
    Swapped,
    Skipped,
    Ghosts,
}

/// <summary>One way in which a cell went wrong.</summary>
/// <param name="Amount">As short as it can be: <c>67 %</c>, <c>12</c>, <c>21 s</c>.</param>
/// <param name="Words">What follows the amount.</param>
internal sealed record Wrong(WrongKind Kind, string Amount, string Words)
{
    /// <summary>From the worst to the least bad; empty for a cell that is whole.</summary>
    public static IReadOnlyList<Wrong> In(Tally tally)
    {
        Wrong?[] all =
        [
            tally.LostUnnoticed > 0 ? new(WrongKind.Unnoticed, Amounts.Share(tally.UnnoticedRatio), "lost unnoticed") : null,
            tally.AckedButLost > 0 ? new(WrongKind.AckedButLost, Amounts.Count(tally.AckedButLost), "acked, then lost") : null,
            tally.Duplicates > 0 ? new(WrongKind.Doubled, Amounts.Count(tally.Duplicates), "doubled") : null,
            tally.Inversions > 0 ? new(WrongKind.Swapped, Amounts.Count(tally.Inversions), "swapped") : null,
            tally.Skips > 0 ? new(WrongKind.Skipped, Amounts.Count(tally.Skips), "skipped") : null,
            tally.GhostSeconds >= 0.1 ? new(WrongKind.Ghosts, Amounts.Seconds(tally.GhostSeconds), "ghosts") : null,
        ];
        return [.. all.OfType<Wrong>()];
    }
}
