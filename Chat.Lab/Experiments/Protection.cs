namespace Chat.Lab.Experiments;

/// <summary>A protection of the <c>log</c> strategy, and the experiment that fails without it.</summary>
/// <param name="Name">As the node, or for <c>jitter</c> the client, knows it.</param>
internal sealed record Protection(string Name, string What, string Experiment)
{
    public static IReadOnlyList<Protection> All { get; } =
    [
        new("gap-repair", "A hole in what comes from Redis is read from the log", "redis-cut-5s"),
        new("epoch", "A log that lost writes gets a new name", "failover"),
        new("idempotency", "An id that is stored already gives the first position", "ack-lost"),
        new("canary", "A node that does not hear itself makes its subscription anew", "deaf-subscription"),
        new("join-buffer", "A join subscribes first, keeps what comes, and then reads", "join-seam"),
        new("lease", "Presence counts only while its node's lease does", "node-death"),
        new("jitter", "Clients come back at random times", "reconnect-storm"),
    ];
}
