using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Local.Hosting.Processes;

/// <summary>Asks a process to end, which System.Diagnostics.Process cannot.</summary>
internal static partial class Signals
{
    private const int Sigterm = 15;

    /// <returns>False when there is no way to ask: only killing is left.</returns>
    public static bool TryTerminate(Process process) =>
        !OperatingSystem.IsWindows() && !process.HasExited && Kill(process.Id, Sigterm) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int id, int signal);
}
