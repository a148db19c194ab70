using System.Reflection;

namespace Chat.Tests.Support;

/// <summary>What a test needs from the machine. Where it is missing the test is skipped and says why, or fails where all is required.</summary>
internal static class Tool
{
    private const string RequireAll = "CHAT_TESTS_REQUIRE_ALL";

    public static string RepositoryFolder { get; } = typeof(Tool).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryFolder").Value!;

    public static string RequireRedisServer() => Require("redis-server", "Debian: apt-get install redis-server");

    public static string RequireNpm() => Require("npm", "install Node.js");

    public static string RequireChromium() => Require("chromium", "Debian: apt-get install chromium");

    /// <summary>The container engine that Aspire takes.</summary>
    public static string RequireContainerEngine() => Require(
        Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") ?? "docker", "Docker, or podman with ASPIRE_CONTAINER_RUNTIME=podman");

    /// <summary>Skips the test, or fails it where all is required.</summary>
    public static void Missing(string reason)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(RequireAll) != "1", reason);
        Assert.Fail($"{reason} {RequireAll}=1 requires it.");
    }

    private static string Require(string command, string advice)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Missing($"{command} is not on the PATH ({advice}).");
        }

        return path!;
    }
}
