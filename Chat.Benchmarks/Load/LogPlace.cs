using System.Buffers.Text;
using System.Text;

namespace Chat.Benchmarks.Load;

/// <summary>A position in a room's log, read out of a frame without parsing it whole. Our own texts hold no quotes.</summary>
internal readonly record struct LogPlace(string Epoch, long Offset)
{
    /// <param name="known">The epoch it probably is: no new string is made then.</param>
    public static LogPlace Read(ReadOnlySpan<byte> frame, string? known = null)
    {
        var epoch = TextAfter(frame, "\"epoch\":\""u8);
        return new LogPlace(
            known is not null && Ascii.Equals(epoch, known) ? known : Encoding.ASCII.GetString(epoch),
            NumberAfter(frame, "\"offset\":"u8));
    }

    public static string TextField(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> name) => Encoding.ASCII.GetString(TextAfter(frame, name));

    /// <summary>How long the clients that are asked to go may take.</summary>
    public static TimeSpan DrainWindow(ReadOnlySpan<byte> frame) =>
        TimeSpan.FromMilliseconds(NumberAfter(frame, "\"reconnectWithinMs\":"u8));

    private static ReadOnlySpan<byte> TextAfter(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> name)
    {
        var rest = frame[(frame.IndexOf(name) + name.Length)..];
        return rest[..rest.IndexOf((byte)'"')];
    }

    private static long NumberAfter(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> name)
    {
        var rest = frame[(frame.IndexOf(name) + name.Length)..].TrimStart((byte)' ');
        return Utf8Parser.TryParse(rest, out long number, out _)
            ? number
            : throw new InvalidOperationException($"Not as the protocol has it: {Encoding.UTF8.GetString(frame)}");
    }
}
