using System.Reflection;

namespace Chat.Lab.Processes;

/// <summary>Where the build has put the programs that the lab runs as processes (Programs.targets).</summary>
internal static class ProgramPaths
{
    /// <param name="program">Name of the project, as "Chat.Redis"; a ProgramUnderTest of the lab.</param>
    /// <returns>Absolute path of its assembly, for <c>dotnet</c>.</returns>
    public static string Find(string program) =>
        typeof(ProgramPaths).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => attribute.Key == $"Program:{program}")?.Value
        ?? throw new InvalidOperationException($"{program} is not a ProgramUnderTest of the lab.");

    /// <summary>The <c>dotnet</c> that runs these tests, or the one on the path.</summary>
    public static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static bool IsOnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, command)));
}
