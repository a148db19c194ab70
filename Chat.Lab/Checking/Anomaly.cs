namespace Chat.Lab.Checking;

/// <summary>Every way in which what happened can differ from what was promised. Each belongs to one promise.</summary>
internal enum AnomalyKind
{
    /// <summary>Acked, and not in the log; where there is none, shown to nobody else.</summary>
    AckedButLost,

    /// <summary>Acked with a position at which it does not stand.</summary>
    AckedElsewhere,

    /// <summary>Refused for good, and in the log or shown all the same.</summary>
    RefusedButStored,

    /// <summary>One id, two entries of the log.</summary>
    StoredTwice,

    /// <summary>In the log or shown, and nobody wrote it.</summary>
    NeverSent,

    /// <summary>In the log or shown with another text than it was sent with.</summary>
    TextChanged,

    /// <summary>The log's offsets are not 1, 2, 3, …</summary>
    LogNotContiguous,

    /// <summary>Was in the log, and is not, or stands elsewhere.</summary>
    NotKept,

    /// <summary>Shown, or come on the wire, in another room than it was sent to.</summary>
    WrongRoom,

    /// <summary>Shown, and not what the log has at that place.</summary>
    NotInLog,

    /// <summary>Acked or stored, never shown to a member who was there, and he was not told.</summary>
    LostUnnoticed,

    /// <summary>The same, to the one who wrote it.</summary>
    OwnLost,

    /// <summary>Never shown, and told: given up, though Redis has lost nothing.</summary>
    LostAndTold,

    /// <summary>Offsets that jump, or a view that ends before its log does.</summary>
    Skipped,

    /// <summary>Shown again.</summary>
    Duplicated,

    /// <summary>Shown after what stands behind it in the log.</summary>
    AgainstLogOrder,

    /// <summary>Two messages that two members saw in two orders.</summary>
    Inverted,

    /// <summary>Came again on the wire: the client's protection hid it.</summary>
    WireRepeat,

    /// <summary>Left out on the wire: the client had to ask for it.</summary>
    WireHole,

    /// <summary>Came late on the wire, after what follows it.</summary>
    WireDisorder,

    /// <summary>Told of a loss that was none.</summary>
    FalseAlarm,

    /// <summary>The room has lost what was acked, and a member was not told.</summary>
    Untold,

    /// <summary>Shown as gone, and was there.</summary>
    FalseLeave,

    /// <summary>Is there at the end, and is not shown.</summary>
    Unseen,

    /// <summary>Is shown at the end, and is not there.</summary>
    GhostAtEnd,

    /// <summary>Told that its node is degraded, though nothing was wrong with it.</summary>
    FalseDegraded,
}

internal sealed record Anomaly(AnomalyKind Kind, string Room, string Detail)
{
    public override string ToString() => $"{Kind} in {Room}: {Detail}";
}

/// <summary>Counts everything, and keeps the first of each kind in words.</summary>
internal sealed class Anomalies
{
    private const int KeptMax = 50;

    private readonly Dictionary<AnomalyKind, long> _counts = [];
    private readonly List<Anomaly> _kept = [];

    public IReadOnlyList<Anomaly> Kept => _kept;

    public long Count(AnomalyKind kind) => _counts.GetValueOrDefault(kind);

    /// <param name="detail">Asked only while few of the kind are known.</param>
    public void Add(AnomalyKind kind, string room, Func<string> detail)
    {
        var count = _counts[kind] = Count(kind) + 1;
        if (count <= KeptMax)
        {
            _kept.Add(new Anomaly(kind, room, detail()));
        }
    }
}
