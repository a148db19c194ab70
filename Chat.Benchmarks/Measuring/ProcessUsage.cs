using System.Globalization;

namespace Chat.Benchmarks.Measuring;

/// <summary>What processes have used (Linux, /proc).</summary>
internal static class ProcessUsage
{
    /// <summary>Linux counts in hundredths of a second wherever .NET runs.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>User and system time together.</summary>
    public static double CpuSeconds(IEnumerable<int> processes) => processes.Sum(process =>
    {
        // The name, in brackets, may hold blanks; user and system time are the 14th and 15th of the whole line.
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    });

    public static long ResidentBytes(IEnumerable<int> processes) => processes.Sum(process =>
        File.ReadLines($"/proc/{process}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Select(line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024).Single());

    /// <summary>Resident bytes, those that processes share divided among them.</summary>
    public static long ProportionalBytes(IEnumerable<int> processes) => processes.Sum(process =>
        File.ReadLines($"/proc/{process}/smaps_rollup").Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
            .Select(line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024).Single());

    /// <summary>A process and those it has started.</summary>
    public static IReadOnlyList<int> Family(int process) =>
    [
        process,
        .. Directory.EnumerateDirectories($"/proc/{process}/task")
            .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .SelectMany(child => Family(int.Parse(child, CultureInfo.InvariantCulture))),
    ];

    /// <summary>Processes that wanted to run, averaged over a minute.</summary>
    public static string Load => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static long Number(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);
}
