namespace Chat.Protocol;

/// <summary>
/// A message frame cut where its position belongs. The whole is
/// <c>Prefix + epoch + BetweenEpochAndOffset + offset + Suffix</c>.
/// </summary>
public sealed record MessageTemplate(ReadOnlyMemory<byte> Prefix, ReadOnlyMemory<byte> Suffix)
{
    internal static ReadOnlySpan<byte> BeforeEpoch => "\"epoch\":\""u8;

    /// <summary>What stands between the two: <c>","offset":</c></summary>
    public static ReadOnlySpan<byte> BetweenEpochAndOffset => "\",\"offset\":"u8;
}
