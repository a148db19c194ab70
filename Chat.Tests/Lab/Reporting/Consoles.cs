using Spectre.Console;

namespace Chat.Tests.Lab.Reporting;

internal static class Consoles
{
    /// <summary>A console as where output goes into a file: no colours, nothing is written over, and nothing is cut.</summary>
    public static IAnsiConsole Plain(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 240;
        return console;
    }
}
