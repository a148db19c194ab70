using System.Diagnostics;
using System.Runtime.InteropServices;
using Chat.Lab.Processes;

namespace Chat.Lab;

/// <summary>What the numbers were measured with.</summary>
internal static class Versions
{
    public static IReadOnlyDictionary<string, string> Read() => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        [".NET"] = Environment.Version.ToString(),
        ["cores"] = $"{Environment.ProcessorCount}",
        ["system"] = RuntimeInformation.OSDescription,
        ["lab"] = typeof(Versions).Assembly.GetName().Version?.ToString() ?? "?",
        ["redis-server"] = ProgramPaths.IsOnPath("redis-server") ? Ask("redis-server", "--version") : "none",
    };

    private static string Ask(string program, string argument)
    {
        using var process = Process.Start(new ProcessStartInfo(program, [argument]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd().Trim();
    }
}
