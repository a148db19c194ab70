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
        ["client.mjs"] = $"```js\n{File.ReadAllText(Path.Combine(Folder, "minimal-client.mjs"))}```",
    });

    [Theory]
    [InlineData("csharp")]
    [InlineData("js")]
    public void Each_client_of_the_page_has_sixty_lines(string language) =>
        Assert.Equal(60, CodeOf(language).Split('\n').Count(line => line.Trim() != ""));

    [Theory]
    [InlineData("csharp")]
    [InlineData("js")]
    public async Task A_client_of_the_page_shows_each_message_once_over_a_cut_and_answers_pings(string language)
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { NodeSettings = ["PingPeriod=00:00:01", "PongTimeout=00:00:01"] });
        await using var ada = cluster.Connect("ada", node: 1);
        var room = await ada.JoinAsync("lobby");
        using var folder = new TemporaryFolder();
        await using var program = await StartAsync(language, folder, WebSocketUrl(cluster), cluster.TokenFor("bob"));
        await program.TypeAsync("b1");
        await program.ReadUntilAsync("bob: b1", seconds: 180);
        await OutlastTwoMutesAsync(cluster);
        Assert.Equal(["ada", "bob"], room.Members!.Order());

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

    [Theory]
    [InlineData("csharp")]
    [InlineData("js")]
    public async Task A_client_of_the_page_stays_away_when_it_is_told_to(string language)
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 1 });
        using var folder = new TemporaryFolder();
        await using var program = await StartAsync(language, folder, WebSocketUrl(cluster), "no token");

        var lines = await program.ReadUntilAsync("closed for good", seconds: 180);

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

    private static async Task<ClientProgram> StartAsync(string language, TemporaryFolder folder, string url, string token)
    {
        var file = Path.Combine(folder.Path, language == "js" ? "minimal-client.mjs" : "client.cs");
        await File.WriteAllTextAsync(file, CodeOf(language));
        if (language == "js")
        {
            Tool.RequireNpm();
            return new ClientProgram("node", "--experimental-websocket", file, url, token, "lobby");
        }

        return new ClientProgram(ProgramPaths.DotNet, "run", file, "--", url, token, "lobby");
    }

    private static string CodeOf(string language) =>
        Assert.Single(Code().Matches(Page.Text), match => match.Groups["language"].Value == language).Groups["code"].Value;

    private static string WebSocketUrl(TestCluster cluster) => $"ws://127.0.0.1:{cluster.Nodes[0].Clients.Port}/ws";

    [GeneratedRegex("```(?<language>csharp|js)\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chat-docs-");

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
