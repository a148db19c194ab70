using System.Diagnostics;
using System.Threading.Channels;
using Chat.Tests.Support;

namespace Chat.Tests.Docs;

/// <summary>A client as a program of its own, with what it prints and what is typed into it; ended for certain when disposed.</summary>
internal sealed class ClientProgram : IAsyncDisposable
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];
    private readonly Process _process;

    public ClientProgram(string program, params string[] arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Task TypeAsync(string text) => _process.StandardInput.WriteLineAsync(text);

    /// <summary>Waits for a line that has this in it, and gives all lines up to it, earlier ones included.</summary>
    public async Task<IReadOnlyList<string>> ReadUntilAsync(string part, double seconds = 60)
    {
        try
        {
            return await Within.Seconds<IReadOnlyList<string>>(
                seconds,
                async token =>
                {
                    while (!_seen.Any(line => line.Contains(part, StringComparison.Ordinal)))
                    {
                        _seen.Add(await _lines.Reader.ReadAsync(token));
                    }

                    return [.. _seen];
                },
                $"it prints {part}");
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}. It printed:\n{string.Join('\n', _seen)}", exception);
        }
    }

    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        await Within.Seconds(60, token => _process.WaitForExitAsync(token), "it ends");
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Writer.TryWrite(line);
        }
    }
}
