using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Hosting;

namespace Aspire.Local.Hosting.Launching;

/// <summary>The profile of a launchSettings.json that a run uses.</summary>
internal static class LaunchProfiles
{
    private const string HttpProfile = "http";

    /// <param name="wanted">Name of the profile the AppHost itself runs with: projects take theirs of the same name.</param>
    /// <returns>Null when there is none that starts a project.</returns>
    /// <exception cref="DistributedApplicationException">The file cannot be read.</exception>
    public static (string Name, LaunchProfile Profile)? Choose(IProjectMetadata project, string? wanted) =>
        Choose(project.LaunchSettings ?? Read(project.ProjectPath), wanted);

    public static LaunchSettings? Read(string projectPath)
    {
        var path = Path.Combine(Path.GetDirectoryName(projectPath) ?? ".", "Properties", "launchSettings.json");
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, LaunchSettingsJson.Default.LaunchSettings);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"'{path}' cannot be read: {error.Message}", error);
        }
    }

    public static (string Name, LaunchProfile Profile)? Choose(LaunchSettings? settings, string? wanted)
    {
        var candidates = (settings?.Profiles ?? [])
            .Where(entry => string.Equals(entry.Value.CommandName, "Project", StringComparison.OrdinalIgnoreCase))
            .Select(entry => (entry.Key, entry.Value))
            .ToArray();
        return Named(wanted) ?? Named(HttpProfile) ?? (candidates.Length > 0 ? candidates[0] : null);

        (string, LaunchProfile)? Named(string? name)
        {
            var index = Array.FindIndex(candidates, candidate => candidate.Key == name);
            return index < 0 ? null : candidates[index];
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(LaunchSettings))]
internal sealed partial class LaunchSettingsJson : JsonSerializerContext;
