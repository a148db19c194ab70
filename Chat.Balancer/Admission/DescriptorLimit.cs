using System.Globalization;

namespace Chat.Balancer.Admission;

/// <summary>How many file descriptors this process may have, and how many client connections that is enough for.</summary>
internal sealed record DescriptorLimit(int Descriptors)
{
    /// <summary>Libraries, listeners, Redis, probes, kept connections to nodes, and refused clients that still read their answer: at most RefusedConnectionsMax.</summary>
    private const int Reserved = 800;

    private const string Limits = "/proc/self/limits";
    private const string OpenFiles = "Max open files";

    /// <summary>Each has one to its node.</summary>
    public int ConnectionsMax => Math.Max(1, (Descriptors - Math.Min(Reserved, Descriptors / 2)) / 2);

    /// <summary>As the kernel has it, without a bound where it does not say.</summary>
    public static DescriptorLimit OfThisProcess() =>
        new(File.Exists(Limits) ? Parse(File.ReadLines(Limits)) : int.MaxValue);

    /// <param name="lines">Name, soft limit, hard limit and unit, in columns.</param>
    public static int Parse(IEnumerable<string> lines)
    {
        var line = lines.FirstOrDefault(line => line.StartsWith(OpenFiles, StringComparison.Ordinal));
        var soft = line?[OpenFiles.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
    }
}
