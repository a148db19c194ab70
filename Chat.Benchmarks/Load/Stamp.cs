using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;

namespace Chat.Benchmarks.Load;

/// <summary>When a message was sent, by its sender's clock, and which it is: in its text, so that every server carries it.</summary>
internal static class Stamp
{
    private const byte Mark = (byte)'@';
    private const int TimeDigits = 16;
    private const int NumberDigits = 8;
    private const int Length = 1 + TimeDigits + NumberDigits;

    /// <param name="bytes">Of the whole text; at least as long as a stamp.</param>
    public static string Text(long sentAt, uint number, int bytes) => string.Create(
        CultureInfo.InvariantCulture, $"@{sentAt:x16}{number:x8}{new string('.', bytes - Length)}");

    /// <summary>Takes the next stamp out of a frame.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> frame, out long sentAt, out uint number)
    {
        (sentAt, number) = (0, 0);
        var at = frame.IndexOf(Mark);
        if (at < 0 || frame.Length < at + Length
            || !Utf8Parser.TryParse(frame.Slice(at + 1, TimeDigits), out sentAt, out _, 'x')
            || !Utf8Parser.TryParse(frame.Slice(at + 1 + TimeDigits, NumberDigits), out number, out _, 'x'))
        {
            return false;
        }

        frame = frame[(at + Length)..];
        return true;
    }

    public static double Microseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMicroseconds;
}
