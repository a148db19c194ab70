using System.Text;

namespace Chat.Node.Presence;

/// <summary>Which one of several nodes does what all of them could do: each finds the same without asking (rendezvous hashing).</summary>
internal static class Duty
{
    /// <param name="task">Any name for what is to be done.</param>
    /// <param name="nodes">Those that could do it.</param>
    /// <returns>Null when there is none.</returns>
    public static string? Of(string task, IEnumerable<string> nodes) => nodes.MaxBy(node => (Weigh(task, node), node));

    /// <summary>The nodes behind one in a ring of all by name: each is watched by as many as the ring has it behind them.</summary>
    public static IReadOnlyList<string> Behind(string node, IEnumerable<string> nodes, int most)
    {
        string[] ring = [.. nodes.Where(other => other != node).Distinct().Order(StringComparer.Ordinal)];
        var first = Array.FindIndex(ring, other => string.CompareOrdinal(other, node) > 0);
        return [.. Enumerable.Range(0, Math.Min(most, ring.Length)).Select(step => ring[((first < 0 ? 0 : first) + step) % ring.Length])];
    }

    // FNV-1a with a final mix: the same in every process, and spread well for names that differ in a digit.
    private static ulong Weigh(string task, string node)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes($"{task} {node}"))
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        return hash ^ (hash >> 33);
    }
}
