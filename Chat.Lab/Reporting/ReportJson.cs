using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>A report as JSON: the same report always gives the same text, whatever order its cells were run in.</summary>
internal static class ReportJson
{
    private static readonly JsonTypeInfo<LabReport> Shape = (JsonTypeInfo<LabReport>)new JsonSerializerOptions(ReportJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    }.GetTypeInfo(typeof(LabReport));

    public static string Write(LabReport report) => JsonSerializer.Serialize(Ordered(report), Shape) + "\n";

    /// <exception cref="JsonException">It is no report, or one of another version of the lab; the message says where.</exception>
    public static LabReport Read(string json) =>
        JsonSerializer.Deserialize(json, Shape) ?? throw new JsonException("The file holds no report.");

    /// <summary>The same report with its cells in the order of the matrix, its versions by name and its series short.</summary>
    public static LabReport Ordered(LabReport report)
    {
        var rows = report.Experiments.Select((experiment, row) => (experiment.Id, row)).ToDictionary(entry => entry.Id, entry => entry.row);
        return report with
        {
            Versions = new SortedDictionary<string, string>(report.Versions.ToDictionary(), StringComparer.Ordinal),
            Cells = [.. report.Cells
                .OrderBy(cell => rows.GetValueOrDefault(cell.Experiment, int.MaxValue))
                .ThenBy(cell => StrategyColumn.Rank(cell.Strategy))
                .ThenBy(cell => cell.Strategy, StringComparer.Ordinal)
                .Select(cell => cell with { Timeline = SeriesReduction.Reduce(cell.Timeline) })],
        };
    }
}
