using System.Buffers.Binary;
using System.Globalization;

namespace Aspire.Local.Dashboard.Telemetry.Model;

/// <summary>The 8 bytes of a W3C span id. All zero is no span: the parent of a root.</summary>
public readonly record struct SpanId(ulong Value)
{
    public bool IsEmpty => Value == 0;

    /// <returns>An empty id when there are not exactly 8 bytes.</returns>
    public static SpanId FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 8 ? new SpanId(BinaryPrimitives.ReadUInt64BigEndian(bytes)) : default;

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
