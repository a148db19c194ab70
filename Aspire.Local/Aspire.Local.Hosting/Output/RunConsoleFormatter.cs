using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Aspire.Local.Hosting.Output;

/// <summary>Lines for a person: the time, and what happened. Only other people's messages say where they come from.</summary>
internal sealed class RunConsoleFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "aspire-local";

    private const string OwnCategories = "Aspire.";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var level = logEntry.LogLevel switch
        {
            LogLevel.Warning => "warning: ",
            LogLevel.Error or LogLevel.Critical => "error: ",
            _ => "",
        };
        var category = logEntry.Category.StartsWith(OwnCategories, StringComparison.Ordinal) ? "" : $"{logEntry.Category}: ";
        textWriter.Write($"{time.GetLocalNow():HH:mm:ss} {level}{category}{logEntry.Formatter(logEntry.State, logEntry.Exception)}");
        textWriter.WriteLine(logEntry.Exception is null ? "" : $" {logEntry.Exception}");
    }
}
