using System.Buffers.Binary;
using System.Globalization;

namespace Aspire.Local.Dashboard.Telemetry.Model;

/// <summary>The 16 bytes of a W3C trace id. All zero is no trace.</summary>
public readonly record struct TraceId(UInt128 Value)
{
    public bool IsEmpty => Value == UInt128.Zero;

    /// <returns>An empty id when there are not exactly 16 bytes.</returns>
    public static TraceId FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 16 ? new TraceId(BinaryPrimitives.ReadUInt128BigEndian(bytes)) : default;

    public static bool TryParse(string? text, out TraceId id)
    {
        var ok = UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value);
        id = new TraceId(ok && text?.Length == 32 ? value : UInt128.Zero);
        return !id.IsEmpty;
    }

    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
