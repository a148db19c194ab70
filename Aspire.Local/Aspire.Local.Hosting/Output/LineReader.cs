using System.Text;

namespace Aspire.Local.Hosting.Output;

/// <summary>Cuts a stream of text into lines of bounded length.</summary>
internal static class LineReader
{
    public const int LineCharsMax = 16_384;

    private const int BufferChars = 4_096;

    /// <summary>Returns when the stream ends; a stream that breaks ends too.</summary>
    public static async Task CopyAsync(TextReader reader, Action<string> add)
    {
        var buffer = new char[BufferChars];
        var line = new StringBuilder();
        try
        {
            while (await reader.ReadAsync(buffer) is > 0 and var count)
            {
                foreach (var c in buffer.AsSpan(0, count))
                {
                    Take(line, c, add);
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The process has been let go of.
        }

        if (line.Length > 0)
        {
            add(line.ToString());
        }
    }

    private static void Take(StringBuilder line, char c, Action<string> add)
    {
        if (c != '\n')
        {
            line.Append(c);
        }

        if (c == '\n' || line.Length == LineCharsMax)
        {
            add(line.ToString().TrimEnd('\r'));
            line.Clear();
        }
    }
}
