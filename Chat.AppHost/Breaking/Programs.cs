using System.Diagnostics;
using System.Globalization;

namespace Chat.AppHost.Breaking;

/// <summary>The process of a resource's own program, below the <c>dotnet run</c> or <c>npm run</c> that started it, and signals to it.</summary>
internal static class Programs
{
    /// <summary>Windows has neither SIGSTOP nor SIGTERM.</summary>
    public static bool CanBeSignalled => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <param name="signal">A name that <c>kill</c> knows: KILL, STOP, CONT, TERM.</param>
    /// <exception cref="InvalidOperationException">The process is gone.</exception>
    public static async Task SignalAsync(int pid, string signal, CancellationToken cancellationToken)
    {
        // The shell's own kill: the program of that name is not on every machine.
        var (exitCode, output) = await RunAsync("/bin/sh", ["-c", $"kill -{signal} {pid}"], cancellationToken);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"Process {pid} got no {signal}: {output}");
        }
    }

    /// <returns>The last of a chain of only children; the process itself when it has none.</returns>
    public static async Task<int> ProgramBelowAsync(int pid, CancellationToken cancellationToken)
    {
        while (await ChildrenAsync(pid, cancellationToken) is [var child])
        {
            pid = child;
        }

        return pid;
    }

    /// <returns>The exit code, and what was printed to either stream.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, (await output + await errors).Trim());
    }

    private static async Task<int[]> ChildrenAsync(int pid, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsLinux())
        {
            var path = $"/proc/{pid}/task/{pid}/children";
            return File.Exists(path) ? Numbers(await File.ReadAllTextAsync(path, cancellationToken)) : [];
        }

        return Numbers((await RunAsync("pgrep", ["-P", pid.ToString(CultureInfo.InvariantCulture)], cancellationToken)).Output);
    }

    private static int[] Numbers(string text) =>
        [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
}
