using Chat.Node.Backplane;

namespace Chat.Experiments.Ablations;

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

    // As good as for ever.
    private const string Years = "3650.00:00:00";

    public static readonly string[] All = [GapRepair, Epoch, Idempotency, Canary, JoinBuffer, Lease];

    /// <summary>Those that are only a matter of time: it never comes.</summary>
    public static IEnumerable<(string Name, string Value)> SettingsWithout(string protection) => protection switch
    {
        Canary => [("CanaryTimeout", Years)],
        Lease => [("NodeLease", Years)],
        _ => [],
    };

    /// <summary>The log without one of them.</summary>
    public static IBackplane Without(string protection, IServiceProvider services, IBackplane log) => protection switch
    {
        GapRepair => ActivatorUtilities.CreateInstance<UnrepairedLog>(services, log),
        Epoch => new NamelessLog(log),
        Idempotency => new ForgetfulLog(log),
        JoinBuffer => new ReadFirstLog(log),
        _ => log,
    };
}
