namespace Chat.Node;

/// <summary>
/// What keeps the promises of the strategy <c>log</c>, by name. An experiment takes one away (<c>Chat:Without</c>) to show what it
/// is for; docs/delivery.md says what breaks then.
/// </summary>
internal static class Protection
{
    /// <summary>What pub/sub lost is read from the log.</summary>
    public const string GapRepair = "gap-repair";

    /// <summary>A log that begins anew, or has lost what was shown of it, has another name.</summary>
    public const string Epoch = "epoch";

    /// <summary>The id of a message is looked up before it is stored.</summary>
    public const string Idempotency = "idempotency";

    /// <summary>A node that does not hear its own canary listens anew.</summary>
    public const string Canary = "canary";

    /// <summary>Who joins listens first and reads then.</summary>
    public const string JoinBuffer = "join-buffer";

    /// <summary>A node that is not there any more is known to be gone.</summary>
    public const string Lease = "lease";

    public static readonly string[] All = [GapRepair, Epoch, Idempotency, Canary, JoinBuffer, Lease];
}
