using System.Reflection;

namespace Aspire.Local.Hosting.Launching;

/// <summary>What the build wrote into the AppHost's assembly about the programs it was built with.</summary>
internal sealed record AppHostFiles(
    string Directory, string? ProjectPath, string? GuardPath, string? DashboardPath, IReadOnlyDictionary<string, string> ProgramByProject)
{
    private const string ProgramPrefix = "aspirelocal:program:";

    public static AppHostFiles Of(Assembly? assembly)
    {
        var entries = (assembly?.GetCustomAttributes<AssemblyMetadataAttribute>() ?? [])
            .Where(entry => entry.Value is not null)
            .GroupBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First().Value!, StringComparer.OrdinalIgnoreCase);
        var programs = entries
            .Where(entry => entry.Key.StartsWith(ProgramPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(entry => entry.Key[ProgramPrefix.Length..], entry => entry.Value, StringComparer.Ordinal);
        var directory = entries.GetValueOrDefault("apphostprojectpath") ?? System.IO.Directory.GetCurrentDirectory();
        var project = entries.GetValueOrDefault("apphostprojectname") is { } file ? Path.Combine(directory, file) : null;
        return new(directory, project, entries.GetValueOrDefault("aspirelocal:guardpath"), entries.GetValueOrDefault("aspirelocal:dashboardpath"), programs);
    }
}
