using System.Reflection;

namespace Chat.Benchmarks.Servers;

/// <summary>The programs under test, as processes on loopback.</summary>
internal static class Programs
{
    private const string Quiet = "--Logging:LogLevel:Default=Warning";

    public static string PathOf(string program) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(attribute => attribute.Key == $"Program:{program}").Value!;

    /// <param name="name">Its id in its lease.</param>
    public static (string[] Arguments, (string, string)[] Environment) Node(
        Variant variant, string name, int port, int redis, string tokenKey) =>
    (
        [
            variant.Dll ?? PathOf(IsExperiment(variant) ? "Chat.Experiments" : "Chat.Node"),
            $"--urls=http://127.0.0.1:{port}",
            $"--ConnectionStrings:redis=127.0.0.1:{redis}",
            $"--Chat:NodeId={name}",
            $"--Chat:TokenKey={tokenKey}",
            Quiet,
            .. variant.Arguments,
        ],
        variant.Environment);

    /// <summary>Only Chat.Experiments has another delivery than the log.</summary>
    private static bool IsExperiment(Variant variant) =>
        variant.Arguments.Any(argument => argument.StartsWith("--Chat:Delivery=", StringComparison.Ordinal) && !argument.EndsWith("=log", StringComparison.Ordinal));

    /// <param name="variant">Its dll, if any, is another build of the balancer.</param>
    /// <param name="settings">Names under <c>Chat:Balancer</c>: <c>Policy=hash</c>.</param>
    public static ServerProcess StartBalancer(Variant variant, int port, int redis, params IEnumerable<string> settings) => ServerProcess.Start(
        ServerProcess.DotNet,
        [
            variant.Dll ?? PathOf("Chat.Balancer"),
            $"--urls=http://127.0.0.1:{port}",
            $"--ConnectionStrings:redis=127.0.0.1:{redis}",
            Quiet,
            .. settings.Select(setting => $"--Chat:Balancer:{setting}"),
            .. variant.Arguments,
        ],
        variant.Environment);

    /// <param name="directory">Its own, for what it keeps.</param>
    public static ServerProcess StartRedis(int port, bool embedded, string directory) => embedded
        ? ServerProcess.Start(
            ServerProcess.DotNet,
            [PathOf("Chat.Redis"), $"--Chat:Redis:Port={port}", $"--Chat:Redis:DataDirectory={directory}", $"--urls=http://127.0.0.1:{ServerProcess.FreePort()}"],
            [])
        : ServerProcess.Start(
            "redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", directory, "--appendonly", "yes", "--save", ""], []);
}
