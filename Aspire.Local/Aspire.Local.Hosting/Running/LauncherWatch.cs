using Aspire.Local.Guard;

namespace Aspire.Local.Hosting.Running;

/// <summary>Tells when the <c>dotnet run</c> that started this program is gone. Killed, it takes nothing with it by itself.</summary>
internal static class LauncherWatch
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <param name="gone">Called once; never when something else started this program.</param>
    public static async Task RunAsync(Action gone, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || ParentId() is not { } launcher || !IsLauncher(launcher))
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (ParentId() != launcher)
                {
                    gone();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application has ended first.
        }
    }

    private static int? ParentId() => ProcessTable.Find(Environment.ProcessId)?.ParentId;

    private static bool IsLauncher(int id) => ProcessTable.CommandLine(id) is [var program, var verb, ..]
        && Path.GetFileName(program) == "dotnet" && (verb is "run" or "watch");
}
