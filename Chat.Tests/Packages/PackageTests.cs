using System.Diagnostics;
using Chat.Lab.Processes;
using Chat.Tests.Cluster;
using Chat.Tests.Support;

namespace Chat.Tests.Packages;

/// <summary>The two clients as others get them: packed, installed into an empty project, and used by the sample that comes with them.</summary>
[Collection(ClusterSuite.Name)]
public sealed class PackageTests
{
    [Fact]
    public async Task Both_packages_install_into_empty_projects_and_their_bots_answer()
    {
        Tool.RequireNpm();
        var folder = Directory.CreateTempSubdirectory("chat-packages-");
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 1, NodeSettings = ["DevelopmentLogin=true"] });
        var node = cluster.Nodes[0].Url.ToString();
        try
        {
            var dotnetBot = await MakeDotNetBotAsync(folder.CreateSubdirectory("dotnet").FullName);
            var nodeBot = await MakeNodeBotAsync(folder.CreateSubdirectory("npm").FullName);
            await using var user = cluster.Connect("ada");
            var room = await Within.Seconds(30, token => user.JoinAsync("lobby", token), "ada is in the lobby");
            using var one = Start(ProgramPaths.DotNet, folder.FullName, "exec", dotnetBot, node, "lobby");
            using var two = Start("node", Path.GetDirectoryName(nodeBot)!, "--experimental-websocket", nodeBot, node, "lobby");
            try
            {
                await Within.True(60, () => Task.FromResult(room.Members?.Count == 3), "both bots are in the lobby");
                await room.SendAsync("!echo from a package");
                await room.SendAsync("!count one two three");

                var texts = (await room.TakeAsync(4)).Select(message => message.Text).ToArray();
                Assert.Contains("from a package", texts);
                Assert.Contains("3 words", texts);
            }
            finally
            {
                one.Kill();
                two.Kill();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>The path of the built assembly.</returns>
    private static async Task<string> MakeDotNetBotAsync(string folder)
    {
        // A version of its own: another run's package of the same version may be in the machine's cache.
        var version = $"0.0.0-test.{Guid.NewGuid():N}";
        foreach (var project in new[] { "Chat.Contracts", "Chat.Client" })
        {
            await RunAsync(ProgramPaths.DotNet, Tool.RepositoryFolder, "pack", project, "--output", Path.Combine(folder, "source"), $"-p:Version={version}", "-v", "q", "--nologo");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "NuGet.config"), """
            <configuration>
              <packageSources><add key="packed" value="source" /></packageSources>
            </configuration>
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "Bot.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestorePackagesPath>packages</RestorePackagesPath>
                <RestoreFallbackFolders>$(NuGetPackageRoot)</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Chat.Client" Version="{version}" />
                <PackageReference Include="Microsoft.Extensions.Logging.Console" Version="10.0.15" />
              </ItemGroup>
            </Project>
            """);
        File.Copy(Path.Combine(Tool.RepositoryFolder, "samples", "EchoBot", "Program.cs"), Path.Combine(folder, "Program.cs"));
        await RunAsync(ProgramPaths.DotNet, folder, "build", "--output", "out", "-v", "q", "--nologo");
        return Path.Combine(folder, "out", "Bot.dll");
    }

    /// <returns>The path of the script.</returns>
    private static async Task<string> MakeNodeBotAsync(string folder)
    {
        var package = Path.Combine(Tool.RepositoryFolder, "chat-client-js");
        if (!Directory.Exists(Path.Combine(package, "node_modules")))
        {
            await RunAsync("npm", package, "ci", "--no-audit", "--no-fund");
        }

        await RunAsync("npm", package, "pack", "--pack-destination", folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{ "private": true, "type": "module" }""");
        await RunAsync("npm", folder, "install", "--no-audit", "--no-fund", Directory.GetFiles(folder, "*.tgz").Single());
        var script = Path.Combine(folder, "bot.mjs");
        File.Copy(Path.Combine(package, "examples", "bot.mjs"), script);
        return script;
    }

    private static Process Start(string program, string folder, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder })!;

    private static async Task RunAsync(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await Within.Seconds(240, process.WaitForExitAsync, $"{program} {arguments[0]} has ended");
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}:\n{await output}\n{await errors}");
    }
}
