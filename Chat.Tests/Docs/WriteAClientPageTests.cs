using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chat.Lab.Faults;
using Chat.Lab.Processes;
using Chat.Protocol;
using Chat.Tests.Cluster;
using Chat.Tests.Support;

namespace Chat.Tests.Docs;

/// <summary>The clients of docs/write-a-client.md are the files beside this one, and they do what the page says.</summary>
[Collection(ClusterSuite.Name)]
public sealed partial class WriteAClientPageTests
{
    private static readonly MarkedPage Page = new("write-a-client.md");

    private static string Folder => Path.Combine(Tool.RepositoryFolder, "Chat.Tests", "Docs");

    [Fact]
    public void The_page_shows_the_code_that_is_tested() => Page.Holds(new Dictionary<string, string>
    {
        ["client.cs"] = $"```csharp\n{File.ReadAllText(Path.Combine(Folder, "MinimalClient.cs"))}```",
        ["client.mjs"] = $"```js\n{File.ReadAllText(Path.Combine(Folder, "minimal-client.mjs"))}```",
    });

    [Fact]
    public async Task The_client_shows_each_message_once_over_a_cut_and_answers_pings()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { NodeSettings = ["PingPeriod=00:00:01", "PongTimeout=00:00:01"] });
        await using var ada = cluster.Connect("ada", node: 1);
        var room = await ada.JoinAsync("lobby");
        var shown = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        using var client = ClientOf(cluster, shown, cluster.TokenFor("bob"));
        var running = client.RunAsync(stop.Token);
        await client.SendAsync("b1");
        await Within.True(30, () => Task.FromResult(shown.Contains("bob: b1")), "bob sees his own message");

        cluster.Nodes[0].Clients.Set(Fault.Refuse);
        await room.SendAsync("a1");
        await client.SendAsync("b2");
        await client.SendAsync("b3");
        await room.SendAsync("a2");
        cluster.Nodes[0].Clients.Set(Fault.Pass);
        await Within.True(30, () => Task.FromResult(shown.Contains("bob: b3")), "what bob wrote while he was away is stored and shown");
        var joins = shown.Count(line => line == "joined");
        await OutlastTwoMutesAsync(cluster);

        Assert.Equal(["bob: b1", "ada: a1", "ada: a2", "bob: b2", "bob: b3"], shown.Where(line => line != "joined"));
        Assert.Equal(joins, shown.Count(line => line == "joined"));
        Assert.Equal(["b1", "a1", "a2", "b2", "b3"], (await cluster.ReadLogAsync("lobby")).Select(message => message.Text));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task The_client_stays_away_when_it_is_told_to()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 1 });
        using var client = ClientOf(cluster, [], "no token");

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Within.Seconds(30, token => client.RunAsync(token), "the client gives up"));

        Assert.Contains("4500", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_CSharp_program_of_the_page_runs_as_it_stands_there()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 1 });
        var folder = Directory.CreateTempSubdirectory("chat-docs-");
        try
        {
            var blocks = CSharp().Matches(Page.Text).Select(match => match.Groups[1].Value).ToArray();
            var file = Path.Combine(folder.FullName, "client.cs");
            var usings = string.Concat(blocks[1].Split('\n').Where(line => line.StartsWith("using ", StringComparison.Ordinal)).Select(line => line + "\n"));
            await File.WriteAllTextAsync(file, usings + blocks[0] + blocks[1].Replace(usings, "", StringComparison.Ordinal));
            await using var program = new ClientProgram(
                ProgramPaths.DotNet, "run", file, "--", WebSocketUrl(cluster), cluster.TokenFor("bob"), "lobby");

            await program.TypeAsync("from the page");
            await program.ReadUntilAsync("from the page", seconds: 180);

            Assert.Equal(["from the page"], (await cluster.ReadLogAsync("lobby")).Select(message => message.Text));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_JavaScript_client_shows_each_message_once_over_a_cut()
    {
        Tool.RequireNpm();
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { NodeSettings = ["PingPeriod=00:00:01", "PongTimeout=00:00:01"] });
        await using var ada = cluster.Connect("ada", node: 1);
        var room = await ada.JoinAsync("lobby");
        await using var program = JavaScript(WebSocketUrl(cluster), cluster.TokenFor("bob"));
        await program.TypeAsync("b1");
        await program.ReadUntilAsync("bob: b1");

        cluster.Nodes[0].Clients.Set(Fault.Refuse);
        await room.SendAsync("a1");
        await program.TypeAsync("b2");
        await program.TypeAsync("b3");
        await room.SendAsync("a2");
        cluster.Nodes[0].Clients.Set(Fault.Pass);
        var lines = await program.ReadUntilAsync("bob: b3");

        Assert.Equal(["1 bob: b1", "2 ada: a1", "3 ada: a2", "4 bob: b2", "5 bob: b3"], lines.Where(line => line.Contains(": ", StringComparison.Ordinal) && char.IsAsciiDigit(line[0])));
        Assert.Equal(["b1", "a1", "a2", "b2", "b3"], (await cluster.ReadLogAsync("lobby")).Select(message => message.Text));
    }

    [Fact]
    public async Task The_JavaScript_client_stays_away_when_it_is_told_to()
    {
        Tool.RequireNpm();
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 1 });
        await using var program = JavaScript(WebSocketUrl(cluster), "no token");

        var lines = await program.ReadUntilAsync("closed for good");

        Assert.Contains(lines, line => line.Contains("4500", StringComparison.Ordinal));
        Assert.Equal(1, await program.WaitForExitAsync());
    }

    /// <summary>As long as it takes the node to find out, twice over, that somebody does not answer its pings.</summary>
    private static async Task OutlastTwoMutesAsync(TestCluster cluster)
    {
        for (var i = 0; i < 2; i++)
        {
            using var mute = await RawWebSocket.ConnectAsync(cluster.Nodes[0].DirectUrl, cluster.TokenFor("mute"));
            Assert.Equal((int)CloseCode.NoPong, (await mute.ReadToCloseAsync()).Code);
        }
    }

    private static MinimalClient ClientOf(TestCluster cluster, ConcurrentQueue<string> shown, string token) =>
        new(new Uri(WebSocketUrl(cluster)), () => Task.FromResult(token), "lobby", frame => Show(frame, shown));

    private static void Show(JsonNode frame, ConcurrentQueue<string> shown)
    {
        foreach (var message in frame["messages"]?.AsArray() ?? [frame])
        {
            shown.Enqueue($"{message!["author"]}: {message["text"]}");
        }

        if ((string?)frame["type"] == "joined")
        {
            shown.Enqueue("joined");
        }
    }

    private static ClientProgram JavaScript(string url, string token) =>
        new("node", "--experimental-websocket", Path.Combine(Folder, "minimal-client.mjs"), url, token, "lobby");

    private static string WebSocketUrl(TestCluster cluster) => $"ws://127.0.0.1:{cluster.Nodes[0].Clients.Port}/ws";

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
