using Microsoft.Extensions.Hosting;

namespace Chat.AppHost;

/// <summary>A script of a package.json as a resource.</summary>
/// <param name="workingDirectory">The folder of the package.json: an absolute path.</param>
internal sealed class NpmAppResource(string name, string workingDirectory)
    : ExecutableResource(name, "npm", workingDirectory), IResourceWithServiceDiscovery;

/// <summary>
/// What <c>Aspire.Hosting.NodeJs</c> offered up to 9.5 and <c>Aspire.Hosting.JavaScript</c> offers since, with the first one's signature.
/// Where one of them can be had, it replaces this file.
/// </summary>
internal static class NpmApp
{
    /// <summary>Adds <c>npm run</c> of a script. Installs no packages; the port comes from <c>WithHttpEndpoint(env: "PORT")</c>.</summary>
    /// <param name="workingDirectory">Absolute, or relative to the AppHost's own folder.</param>
    public static IResourceBuilder<NpmAppResource> AddNpmApp(
        this IDistributedApplicationBuilder builder, string name, string workingDirectory, string scriptName = "start", string[]? args = null)
    {
        string[] separated = args is null or [] ? [] : ["--", .. args];
        var directory = Path.GetFullPath(workingDirectory, builder.AppHostDirectory);
        return builder.AddResource(new NpmAppResource(name, directory))
            .WithArgs(["run", scriptName, .. separated])
            .WithEnvironment("NODE_ENV", builder.Environment.IsDevelopment() ? "development" : "production")
            .WithIconName("CodeJsRectangle")
            .WithOtlpExporter();
    }
}
