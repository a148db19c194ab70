using System.Diagnostics;
using System.Globalization;

namespace Chat.Lab.Processes;

/// <summary>
/// Ends processes when these tests end without having done so themselves, killed by a debugger or a time limit. A shell holds the
/// list; when the pipe to it breaks, it kills what is on it.
/// </summary>
internal sealed class ProcessLeash : IDisposable
{
    private const string Script = """
        trap '' INT TERM HUP QUIT
        all=' '
        while read -r change pid; do
          case $change in
            +) all="$all$pid " ;;
            -) all="${all%% $pid *} ${all#* $pid }" ;;
          esac
        done
        [ "$all" = ' ' ] || kill -9 $all 2>/dev/null
        """;

    private readonly Process _shell;

    public ProcessLeash()
    {
        _shell = Process.Start(new ProcessStartInfo("sh", ["-c", Script]) { RedirectStandardInput = true })!;
        _shell.StandardInput.AutoFlush = true;
    }

    public void Add(int processId) => Write("+", processId);

    public void Remove(int processId) => Write("-", processId);

    /// <summary>Kills what is still on the list.</summary>
    public void Dispose()
    {
        _shell.StandardInput.Dispose();
        _shell.WaitForExit();
        _shell.Dispose();
    }

    private void Write(string change, int processId)
    {
        lock (_shell)
        {
            _shell.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{change} {processId}"));
        }
    }
}
