using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Chat.Protocol;

namespace Chat.Node.Backplane;

/// <summary>A message between nodes, as it stands in the log: one line for nodes, then the frame that goes to members as it is.</summary>
/// <param name="Frame">The encoded <c>message</c> frame; shared, nobody may change it.</param>
internal sealed record Publication(Position Position, DateTimeOffset StoredAt, Origin Origin, ReadOnlyMemory<byte> Frame)
{
    // Version 1: "1 <epoch> <offset> <stored, Unix ms> <node> <received, Unix ms> <traceparent or ->\n<frame>"
    private const string Version = "1";
    private const int Fields = 7;

    /// <summary>The part of the line that the node knows before the message has a position.</summary>
    public static string EncodeOrigin(Origin origin) => string.Create(
        CultureInfo.InvariantCulture,
        $"{origin.Node} {origin.ReceivedAt.ToUnixTimeMilliseconds()} {origin.Traceparent ?? "-"}");

    /// <summary>As the append script builds it.</summary>
    public static byte[] Encode(Position position, DateTimeOffset storedAt, Origin origin, MessageTemplate frame)
    {
        var offset = Encoding.ASCII.GetBytes(position.Offset.ToString(CultureInfo.InvariantCulture));
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{Version} {position.Epoch} {position.Offset} {storedAt.ToUnixTimeMilliseconds()} {EncodeOrigin(origin)}\n");
        return
        [
            .. Encoding.ASCII.GetBytes(line),
            .. frame.Prefix.Span,
            .. Encoding.ASCII.GetBytes(position.Epoch),
            .. MessageTemplate.BetweenEpochAndOffset,
            .. offset,
            .. frame.Suffix.Span,
        ];
    }

    /// <returns>Null when the bytes are none: from a version we do not know, or from something else on the channel.</returns>
    public static Publication? Decode(ReadOnlyMemory<byte> bytes)
    {
        var end = bytes.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            return null;
        }

        var line = bytes.Span[..end];
        Span<Range> fields = stackalloc Range[Fields];
        if (!TrySplit(line, fields) || !line[fields[0]].SequenceEqual("1"u8)
            || !TryParse(line[fields[2]], out var offset)
            || !TryParse(line[fields[3]], out var storedAt)
            || !TryParse(line[fields[5]], out var receivedAt))
        {
            return null;
        }

        var traceparent = line[fields[6]];
        return new Publication(
            new Position(Encoding.ASCII.GetString(line[fields[1]]), offset),
            DateTimeOffset.FromUnixTimeMilliseconds(storedAt),
            new Origin(
                Encoding.ASCII.GetString(line[fields[4]]),
                DateTimeOffset.FromUnixTimeMilliseconds(receivedAt),
                traceparent.SequenceEqual("-"u8) ? null : Encoding.ASCII.GetString(traceparent)),
            bytes[(end + 1)..]);
    }

    private static bool TrySplit(ReadOnlySpan<byte> line, Span<Range> fields)
    {
        var count = 0;
        foreach (var field in line.Split((byte)' '))
        {
            if (count == Fields)
            {
                return false;
            }

            fields[count++] = field;
        }

        return count == Fields;
    }

    private static bool TryParse(ReadOnlySpan<byte> digits, out long value) =>
        Utf8Parser.TryParse(digits, out value, out var used) && used == digits.Length
        && value is >= 0 and <= 253402300799999;
}
