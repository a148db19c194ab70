using Chat.Lab.Cluster;
using Chat.Lab.Processes;
using Chat.Tests.Support;

namespace Chat.Tests.Presence.Support;

/// <summary>A node in a process of its own, so that it can be killed.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly ServerProcess _process;

    private NodeProcess(ServerProcess process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public static Task<NodeProcess> StartAsync(RedisServer redis, string id, params string[] settings) => StartAsync("Chat.Node", redis, id, settings);

    /// <summary>A node that is different on purpose.</summary>
    public static Task<NodeProcess> StartExperimentAsync(RedisServer redis, string id, params string[] settings) =>
        StartAsync("Chat.Experiments", redis, id, settings);

    /// <summary>What it has written so far.</summary>
    public string Output => _process.Output;

    /// <summary>SIGKILL: no word to anybody.</summary>
    public void Kill() => _process.Signal(UnixSignal.Kill);

    /// <summary>SIGSTOP: its sockets stay open and silent.</summary>
    public void Pause() => _process.Signal(UnixSignal.Stop);

    public void Continue() => _process.Signal(UnixSignal.Continue);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<NodeProcess> StartAsync(string program, RedisServer redis, string id, string[] settings)
    {
        var process = ServerProcess.Start(
            ProgramPaths.DotNet,
            [ProgramPaths.Find(program), .. TestNode.Arguments(redis.ConnectionString, id, settings), "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information"]);
        await Within.True(30, () => Task.FromResult(process.Output.Contains(Listening, StringComparison.Ordinal)), "the node listens");
        var url = new Uri(process.Output.Split(Listening)[1].Split('\n')[0].Trim());
        using var http = new HttpClient { BaseAddress = url };
        await Within.True(
            10,
            async () => (await http.GetAsync(new Uri(url, "/health/ready"), TestContext.Current.CancellationToken)).IsSuccessStatusCode,
            "the node is ready");
        return new NodeProcess(process, url);
    }
}
