using System.Globalization;
using System.Text;

namespace Chat.Node.Signals;

/// <summary>What happened in a room at one moment and is no message.</summary>
/// <param name="Sequence">The number of this change of the room's presence and read positions; 0 when it is none.</param>
/// <param name="Opened">Connections that are in the room now.</param>
/// <param name="Closed">Ids of connections that no longer are.</param>
/// <param name="Reads">Users and the offset up to which they have read: it has grown.</param>
/// <param name="Typing">Users who are writing.</param>
internal sealed record Signal(
    long Sequence,
    IReadOnlyList<PresenceEntry> Opened,
    IReadOnlyList<string> Closed,
    IReadOnlyList<KeyValuePair<string, long>> Reads,
    IReadOnlyList<string> Typing)
{
    // "1 <sequence>", then a line each: "+ <connection> <user> <node> <incarnation>", "- <connection>", "r <user> <offset>", "t <user>"
    private const string Version = "1";

    public static string EncodeTyping(string user) => $"{Version} 0\nt {user}";

    /// <returns>Null when it is none, or of a version we do not know. Lines we do not know are left out.</returns>
    public static Signal? Decode(ReadOnlySpan<byte> utf8)
    {
        var lines = Encoding.UTF8.GetString(utf8).Split('\n');
        if (lines[0].Split(' ') is not [Version, var number] || !TryParse(number, out var sequence))
        {
            return null;
        }

        var opened = new List<PresenceEntry>();
        var closed = new List<string>();
        var reads = new List<KeyValuePair<string, long>>();
        var typing = new List<string>();
        foreach (var line in lines.AsSpan(1))
        {
            switch (line.Split(' '))
            {
                case ["+", var connection, var user, var node, var incarnation]:
                    opened.Add(new PresenceEntry(connection, user, new Incarnation(node, incarnation)));
                    break;
                case ["-", var connection]:
                    closed.Add(connection);
                    break;
                case ["r", var user, var digits] when TryParse(digits, out var offset):
                    reads.Add(new(user, offset));
                    break;
                case ["t", var user]:
                    typing.Add(user);
                    break;
            }
        }

        return new Signal(sequence, opened, closed, reads, typing);
    }

    private static bool TryParse(string digits, out long value) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
