using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Local.Hosting.Processes;

/// <summary>Finds programs.</summary>
internal static class Programs
{
    private static readonly string[] WindowsExtensions = ["", ".exe", ".cmd", ".bat"];

    /// <summary>The dotnet that runs this process.</summary>
    public static string Dotnet()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (Environment.ProcessPath is { } own && Path.GetFileName(own) == name)
        {
            return own;
        }

        // The runtime lies in <root>/shared/Microsoft.NETCore.App/<version>/.
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? name;
    }

    /// <summary>Starts a program in a session of its own, with the same process id, where the system has a way to.</summary>
    /// <remarks>
    /// Then Ctrl-C reaches the AppHost alone, which stops the others in their order, and a signal to the AppHost's whole group
    /// does not reach the guard.
    /// </remarks>
    public static ProcessStartInfo InOwnSession(string program, IEnumerable<string> arguments) =>
        OperatingSystem.IsLinux() && Find("setsid", ".", Environment.GetEnvironmentVariable("PATH")) is { } setsid
            ? new ProcessStartInfo(setsid, [program, .. arguments])
            : new ProcessStartInfo(program, arguments);

    /// <param name="command">A path, relative to the folder, or a name that is looked up in the search path.</param>
    /// <returns>Null when there is no such program.</returns>
    public static string? Find(string command, string folder, string? searchPath)
    {
        var root = Path.GetFullPath(folder);
        var extensions = OperatingSystem.IsWindows() ? WindowsExtensions : [""];
        var folders = command.Contains('/') || command.Contains(Path.DirectorySeparatorChar)
            ? [root]
            : (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders
            .SelectMany(_ => extensions, (start, extension) => Path.GetFullPath(command + extension, Path.GetFullPath(start, root)))
            .FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path)
    {
        const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != 0);
    }
}
