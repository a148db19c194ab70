using System.Text.Json;
using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>Where reports lie: <c>report.json</c>, <c>report.html</c> and <c>report.md</c> in one folder.</summary>
internal static class ReportFiles
{
    public const string DefaultFolder = "lab-report";
    public const string JsonName = "report.json";

    private const string Solution = "Chat.sln";

    private static readonly string[] Documents = ["README.md", "docs/what-breaks.md"];

    /// <summary>Writes all three. The page is drawn from what the JSON holds, so that drawing it again gives the same.</summary>
    /// <returns>The page.</returns>
    public static async Task<string> WriteAsync(LabReport report, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var page = Path.GetFullPath(Path.Combine(folder, "report.html"));
        var json = ReportJson.Write(report);
        var stored = ReportJson.Read(json);
        await File.WriteAllTextAsync(Path.Combine(folder, JsonName), json, cancellationToken);
        await File.WriteAllTextAsync(page, HtmlReport.Write(stored), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "report.md"), MarkdownReport.Document(stored), cancellationToken);
        return page;
    }

    /// <exception cref="FormatException">There is no such file, or it holds no report.</exception>
    public static async Task<LabReport> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return ReportJson.Read(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (IOException missing)
        {
            throw new FormatException($"{path} cannot be read ({missing.Message}). `run` writes one.", missing);
        }
        catch (JsonException broken)
        {
            throw new FormatException($"{path} holds no report of this version: {broken.Message}", broken);
        }
    }

    /// <summary>Writes the report into the documents of the repository that the working directory is in, between their marks.</summary>
    /// <returns>Those that are different now.</returns>
    /// <exception cref="FormatException">This is no repository, or a mark is not closed.</exception>
    public static async Task<IReadOnlyList<string>> RefreshDocumentsAsync(LabReport report, string workingDirectory, CancellationToken cancellationToken)
    {
        var root = new DirectoryInfo(workingDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, Solution)))
        {
            root = root.Parent;
        }

        if (root is null)
        {
            throw new FormatException($"{workingDirectory} is in no folder with {Solution}: there are no documents.");
        }

        var parts = MarkdownReport.Parts(report);
        var changed = new List<string>();
        foreach (var path in Documents.Select(name => Path.Combine(root.FullName, name)).Where(File.Exists))
        {
            var text = await File.ReadAllTextAsync(path, cancellationToken);
            var refreshed = MarkedDocument.Refresh(text, parts);
            if (refreshed != text)
            {
                await File.WriteAllTextAsync(path, refreshed, cancellationToken);
                changed.Add(path);
            }
        }

        return changed;
    }
}
