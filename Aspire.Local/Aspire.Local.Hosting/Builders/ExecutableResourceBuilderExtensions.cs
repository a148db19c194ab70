using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ExecutableResourceBuilderExtensions
{
    /// <summary>Adds a program.</summary>
    /// <param name="command">A path, or a name that is looked up in the PATH.</param>
    /// <param name="workingDirectory">Relative to the AppHost's project.</param>
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var resource = new ExecutableResource(name, command, Path.GetFullPath(workingDirectory, builder.AppHostDirectory));
        return builder.AddResource(resource).WithArgs(args ?? []);
    }
}

public static class NodeAppHostingExtension
{
    /// <summary>Adds a script of a package.json. Its packages must be there: nothing is installed.</summary>
    /// <param name="workingDirectory">Folder of package.json, relative to the AppHost's project.</param>
    public static IResourceBuilder<NodeAppResource> AddNpmApp(
        this IDistributedApplicationBuilder builder, string name, string workingDirectory, string scriptName = "start", string[]? args = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var folder = Path.GetFullPath(workingDirectory, builder.AppHostDirectory);
        string[] commandLine = args is { Length: > 0 } ? ["run", scriptName, "--", .. args] : ["run", scriptName];
        return builder.AddResource(new NodeAppResource(name, "npm", folder))
            .WithArgs(commandLine)
            .WithOtlpExporter()
            .WithEnvironment("NODE_ENV", builder.Environment.EnvironmentName == "Development" ? "development" : "production")
            .WithAnnotation(new MissingCommandAnnotation("Install Node.js."))
            .WithAnnotation(new PreconditionAnnotation(() => MissingPackages(folder)));
    }

    private static string? MissingPackages(string folder)
    {
        var manifest = Path.Combine(folder, "package.json");
        if (!File.Exists(manifest))
        {
            return $"There is no package.json in '{folder}'.";
        }

        return Directory.Exists(Path.Combine(folder, "node_modules")) || !DeclaresPackages(manifest)
            ? null
            : $"The packages of '{folder}' are not installed: run 'npm install' there.";
    }

    /// <summary>A package that needs no others has no node_modules, and runs without.</summary>
    private static bool DeclaresPackages(string manifest)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(manifest));
            return document.RootElement.TryGetProperty("dependencies", out _)
                || document.RootElement.TryGetProperty("devDependencies", out _);
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or IOException or UnauthorizedAccessException)
        {
            // npm has the better message for a manifest that cannot be read.
            return false;
        }
    }
}
