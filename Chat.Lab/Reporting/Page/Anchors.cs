using Chat.Lab.Results;

namespace Chat.Lab.Reporting.Page;

/// <summary>Names of places on the page, safe in an address.</summary>
internal static class Anchors
{
    public static string Of(ExperimentSummary row) => $"x-{Safe(row.Id)}";

    public static string Of(Cell cell) => $"c-{Safe(cell.Experiment)}.{Safe(cell.Strategy)}";

    private static string Safe(string name) => string.Concat(name.Select(character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '-'));
}
