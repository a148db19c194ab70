using System.Globalization;

namespace Chat.AppHost.Running;

/// <summary>The <c>dotnet run</c> that started this program: killed, it takes nothing with it by itself.</summary>
internal static class Launcher
{
    /// <summary>The setting by which Aspire learns of the process that it must not outlive: its own command line says it of itself.</summary>
    private const string WatchedProcess = "ASPIRE_CLI_PID";

    /// <summary>Ends with the launcher, where there is one and nobody else is watched.</summary>
    public static void EndWithLauncher(this IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration[WatchedProcess] is null && OperatingSystem.IsLinux() && Parent() is { } parent && IsDotnetRun(parent))
        {
            builder.Configuration[WatchedProcess] = parent.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The fourth field of proc(5)'s stat; the second, the program's name, may hold spaces and ends with the last parenthesis.</summary>
    private static int? Parent()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return int.TryParse(fields[1], CultureInfo.InvariantCulture, out var parent) ? parent : null;
    }

    private static bool IsDotnetRun(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0') is [var program, "run" or "watch", ..]
                && Path.GetFileName(program) == "dotnet";
        }
        catch (IOException)
        {
            return false;
        }
    }
}
