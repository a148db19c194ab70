using System.Diagnostics;
using Chat.Tests.Support;

namespace Chat.Tests.Presence.Support;

/// <summary>A node in a process of its own, so that it can be killed.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;

    private NodeProcess(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public static async Task<NodeProcess> StartAsync(RedisProcess redis, string id, params string[] settings)
    {
        var url = new Uri($"http://127.0.0.1:{RedisProcess.FreePort()}");
        var program = Path.Combine(AppContext.BaseDirectory, "Chat.Node.dll");
        var process = Process.Start(new ProcessStartInfo(
            "dotnet", [program, .. TestNode.Arguments(redis, id, settings), $"--urls={url}"])
        {
            RedirectStandardOutput = true,
        })!;
        process.BeginOutputReadLine();
        using var http = new HttpClient { BaseAddress = url };
        await Within.True(30, () => IsReadyAsync(http), "the node is ready");
        return new NodeProcess(process, url);
    }

    /// <summary>SIGKILL: no word to anybody.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            return (await http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
