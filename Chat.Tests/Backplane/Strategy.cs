namespace Chat.Tests.Backplane;

/// <summary>A delivery strategy and what is known of it. The suite proves both columns of its row: what it keeps and what it breaks.</summary>
/// <param name="Name">Its value in <c>Chat:Delivery</c>.</param>
internal sealed record Strategy(string Name, params Promise[] Kept)
{
    public static readonly Strategy[] All =
    [
        new("local",
            Promise.RetryOnTheSameNode,
            Promise.SurvivesARestartOfRedis,
            Promise.NothingHiddenByAFailover),
        new("local-first",
            Promise.ReachesOtherNodes,
            Promise.NothingHiddenByAFailover),
        new("pubsub",
            Promise.ReachesOtherNodes,
            Promise.OneOrder,
            Promise.NothingHiddenByAFailover,
            Promise.RefusesWhatItCannotCarry),
        new("split",
            Promise.ReachesOtherNodes,
            Promise.TellsWhatIsLost,
            Promise.RefusesWhatItCannotCarry),
        new("streams",
            Promise.ReachesOtherNodes,
            Promise.OneOrder,
            Promise.NothingLostInABlink,
            Promise.ResumeOnAnotherNode,
            Promise.TellsWhatIsLost,
            Promise.SurvivesARestartOfRedis,
            Promise.RefusesWhatItCannotCarry),
        new("log",
            Promise.ReachesOtherNodes,
            Promise.OneOrder,
            Promise.NothingLostInABlink,
            Promise.RetryOnTheSameNode,
            Promise.RetryOnAnotherNode,
            Promise.ResumeOnAnotherNode,
            Promise.TellsWhatIsLost,
            Promise.SurvivesARestartOfRedis,
            Promise.NothingHiddenByAFailover,
            Promise.RefusesWhatItCannotCarry),
    ];

    public static Strategy Named(string name) => All.Single(strategy => strategy.Name == name);

    public bool Keeps(Promise promise) => Kept.Contains(promise);
}
