namespace Chat.Balancer.Heads;

/// <summary>What came of looking at received bytes: a head, a refusal, or neither until more has come.</summary>
/// <param name="Length">Bytes the head takes, its empty line included.</param>
internal readonly record struct ParsedRequest(RequestHead? Head, int Length, Refusal? Refusal)
{
    public static ParsedRequest Incomplete => default;

    public static ParsedRequest Refuse(Refusal refusal) => new(null, 0, refusal);
}
