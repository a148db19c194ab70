using Chat.Client;
using Chat.Tests.Cluster;
using Chat.Tests.Support;

namespace Chat.Tests.EndToEnd;

/// <summary>However a run ends: nothing of it stays, nothing acked is lost, and the next start works at once, on the same ports and data.</summary>
[Collection(ClusterSuite.Name)]
public sealed class RunTests
{
    // Fewer than a page of history holds.
    private const int MessagesMax = 45;
    private const int AckedBefore = 20;

    // On a quiet machine 5 to 12 s; here the next run starts meanwhile.
    private const double EndedSeconds = 40;

    [Theory]
    [InlineData("Ctrl-C")]
    [InlineData("SIGTERM")]
    [InlineData("closed terminal")]
    [InlineData("kill -9 of the AppHost")]
    [InlineData("kill -9 of dotnet run")]
    [InlineData("Ctrl-C after the dashboard died")]
    public async Task A_run_leaves_nothing_behind_and_the_next_one_starts_at_once_with_everything_that_was_acked(string end)
    {
        Tool.RequireNpm();
        var ports = AppHostProcess.Ports.Free();
        var data = Directory.CreateTempSubdirectory("chat-test-");
        using var http = new HttpClient();
        try
        {
            await using var first = AppHostProcess.Launch(ports, data);
            await first.StartedAsync();
            var ada = ChatApplication.Connect(http, first.Balancer, "ada");
            var writing = WriteAsync(await Within.Seconds(30, token => ada.JoinAsync("lobby", token), "ada is in the lobby"));
            await Within.True(30, () => Task.FromResult(writing.Acked.Count >= AckedBefore), $"{AckedBefore} messages are acked");

            End(first, end);

            // Before the first is gone: the next one waits for the ports by itself.
            await using var second = AppHostProcess.Launch(ports, data);
            if (!end.StartsWith("kill", StringComparison.Ordinal) && end != "closed terminal")
            {
                await first.EndedInOrderAsync(EndedSeconds, ["/Chat.Node", "/Chat.Balancer"], "/Chat.Redis");
            }

            await first.EndedAsync(EndedSeconds);
            await ada.DisposeAsync();
            await writing.Ended;
            await second.StartedAsync();
            var kept = await ChatApplication.ReadHistoryAsync(http, second.Balancer, "bob", "lobby");
            Assert.Empty(writing.Acked.Except(kept));
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Theory(Explicit = true)]
    [InlineData("Ctrl-C")]
    [InlineData("Ctrl-C after the dashboard died")]
    public async Task On_a_quiet_machine_nodes_balancer_and_redis_are_gone_after_6_s(string end)
    {
        Tool.RequireNpm();
        var data = Directory.CreateTempSubdirectory("chat-test-");
        try
        {
            await using var run = AppHostProcess.Launch(AppHostProcess.Ports.Free(), data);
            await run.StartedAsync();

            End(run, end);

            await run.EndedAsync(6, "/Chat.Node", "/Chat.Balancer", "/Chat.Redis");
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static void End(AppHostProcess run, string end)
    {
        switch (end)
        {
            case "Ctrl-C":
                run.SignalGroup("INT");
                break;
            case "SIGTERM":
                run.SignalAppHost("TERM");
                break;
            case "closed terminal":
                run.SignalGroup("HUP");
                break;
            case "kill -9 of the AppHost":
                run.SignalAppHost("KILL");
                break;
            case "kill -9 of dotnet run":
                run.SignalLauncher("KILL");
                break;
            case "Ctrl-C after the dashboard died":
                run.SignalAll("KILL", "Aspire.Dashboard");
                run.SignalGroup("INT");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(end), end, "no such end");
        }
    }

    private static Writing WriteAsync(ChatRoom room)
    {
        var acked = new List<string>();
        return new Writing(acked, RunAsync());

        async Task RunAsync()
        {
            try
            {
                for (var i = 1; i <= MessagesMax; i++)
                {
                    await room.SendAsync($"message {i}");
                    acked.Add($"message {i}");
                }
            }
            catch (Exception exception) when (exception is ChatException or OperationCanceledException or ObjectDisposedException)
            {
                // The client was closed: what it had not been acked is nobody's promise.
            }
        }
    }

    private sealed record Writing(IReadOnlyList<string> Acked, Task Ended);
}
