using System.Globalization;
using System.Text;

namespace Aspire.Local.Guard;

/// <summary>A process as Linux shows it in /proc.</summary>
/// <param name="StartedAt">In clock ticks since boot: with the id it names one process for ever.</param>
internal readonly record struct ProcessEntry(int Id, int ParentId, char State, long StartedAt)
{
    private const char Zombie = 'Z';
    private const char Dead = 'X';

    public bool HasEnded => State is Zombie or Dead;
}

/// <summary>Reads /proc. What cannot be read, because it ended or belongs to somebody else, is left out.</summary>
internal static class ProcessTable
{
    private const int StateField = 0;
    private const int ParentField = 1;
    private const int StartField = 19;

    public static List<ProcessEntry> Read()
    {
        var entries = new List<ProcessEntry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && Find(id) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    public static ProcessEntry? Find(int id)
    {
        if (ReadFile($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat") is not { } bytes)
        {
            return null;
        }

        // The name stands in parentheses and may hold anything, parentheses too: the fields start after the last one.
        var text = Encoding.Latin1.GetString(bytes);
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartField
            && int.TryParse(fields[ParentField], NumberStyles.None, CultureInfo.InvariantCulture, out var parent)
            && long.TryParse(fields[StartField], NumberStyles.None, CultureInfo.InvariantCulture, out var started)
                ? new ProcessEntry(id, parent, fields[StateField][0], started)
                : null;
    }

    /// <returns>Program and arguments; empty when it has ended.</returns>
    public static string[] CommandLine(int id) =>
        ReadFile($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/cmdline") is { } bytes
            ? Encoding.UTF8.GetString(bytes).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            : [];

    /// <summary>Whether the process was started with a variable that contains this text.</summary>
    public static bool HasMark(int id, string variable, string mark)
    {
        if (ReadFile($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/environ") is not { } bytes)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = bytes;
        var prefix = Encoding.UTF8.GetBytes(variable + "=");
        var wanted = Encoding.UTF8.GetBytes(mark);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)0);
            var entry = end < 0 ? rest : rest[..end];
            if (entry.StartsWith(prefix) && entry.IndexOf(wanted) >= 0)
            {
                return true;
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return false;
    }

    private static byte[]? ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
