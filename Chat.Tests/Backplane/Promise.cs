namespace Chat.Tests.Backplane;

/// <summary>What a chat may expect of its backplane. Each has a scenario that keeps it or breaks it, by force and not by luck.</summary>
internal enum Promise
{
    ReachesOtherNodes,
    OneOrder,
    NothingLostInABlink,
    RetryOnTheSameNode,
    RetryOnAnotherNode,
    ResumeOnAnotherNode,
    TellsWhatIsLost,
    SurvivesARestartOfRedis,
    NothingHiddenByAFailover,
    RefusesWhatItCannotCarry,
}

/// <summary>The promises in words.</summary>
internal static class Promises
{
    public static string Title(this Promise promise) => promise switch
    {
        Promise.ReachesOtherNodes => "A message reaches members on another node",
        Promise.OneOrder => "All members see one order, that of the numbers",
        Promise.NothingLostInABlink => "Nothing is lost while a node's connection to Redis blinks",
        Promise.RetryOnTheSameNode => "A retry on the same node is stored once",
        Promise.RetryOnAnotherNode => "A retry on another node is stored once",
        Promise.ResumeOnAnotherNode => "History and resume work on another node",
        Promise.TellsWhatIsLost => "A connected member is told when messages are lost for good",
        Promise.SurvivesARestartOfRedis => "What was acked is there after Redis was killed and started again",
        Promise.NothingHiddenByAFailover => "After a failover that lost writes, new messages are shown",
        Promise.RefusesWhatItCannotCarry => "While Redis is away, a send is refused instead of acked",
        _ => throw new ArgumentOutOfRangeException(nameof(promise), promise, null),
    };

    /// <summary>How the suite provokes it: one sentence for the document.</summary>
    public static string Scenario(this Promise promise) => promise switch
    {
        Promise.ReachesOtherNodes => "Sent on A, a member on B.",
        Promise.OneOrder =>
            "What Redis says to A and B is held back; A sends, then B sends; B hears from Redis again, then A does. So both are between any two steps at once.",
        Promise.NothingLostInABlink => "B's connections are cut, A sends, B's connections come back, A sends on until B delivers again.",
        Promise.RetryOnTheSameNode => "The same id twice on A: the second ack names the first position, and nobody gets it twice.",
        Promise.RetryOnAnotherNode => "The same id on A, then on B.",
        Promise.ResumeOnAnotherNode => "Three sent on A; B is asked for the newest, for a page, and for what came after the first.",
        Promise.TellsWhatIsLost => "As in the blink, but more is sent than a log keeps.",
        Promise.SurvivesARestartOfRedis => "Two sent on A; Redis, which here writes before it acks, gets SIGKILL (the embedded server writes some milliseconds later: SIGTERM) and starts with its file; a third is sent; A is asked for what came after the first.",
        Promise.NothingHiddenByAFailover => "After the first of three messages the room's keys are saved, after the third put back; then A sends two more at once, so that nobody finds less than before.",
        Promise.RefusesWhatItCannotCarry => "A's connections are cut, and A is given a message.",
        _ => throw new ArgumentOutOfRangeException(nameof(promise), promise, null),
    };
}
