using Chat.Lab.Processes;
using Chat.Tests.Support;

namespace Chat.Tests.Docs;

/// <summary>What docs/deploy.md and docs/troubleshooting.md say of a first start, as somebody meets it who has set too little.</summary>
public sealed class FirstStartTests
{
    private const string Key = "--Chat:TokenKey=a-key-that-only-these-tests-know!";

    [Theory]
    [InlineData("Chat.Node", Key)]
    [InlineData("Chat.Balancer", "--Chat:Balancer:Urls=http://127.0.0.1:0")]
    public async Task A_program_that_was_told_of_no_Redis_says_so_in_one_line(string program, string argument)
    {
        await using var process = ServerProcess.Start(ProgramPaths.DotNet, [ProgramPaths.Find(program), argument, "--urls=http://127.0.0.1:0"]);

        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("ConnectionStrings:redis", Assert.Single(process.Output.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_writes_no_token_into_its_log_wherever_it_is_started()
    {
        const string Token = "token-in-the-query";
        var port = FreePorts.Next();
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = ServerProcess.Start(
            "sh",
            ["-c", "cd / && exec \"$0\" \"$@\"", ProgramPaths.DotNet, ProgramPaths.Find("Chat.Node"), Key, $"--urls=http://127.0.0.1:{port}", $"--ConnectionStrings:redis={redis.ConnectionString}"]);
        using var http = new HttpClient();
        await Within.True(60, () => AnswersAsync(http, $"http://127.0.0.1:{port}/health/ready"), "the node is ready");

        // No handshake: the HTTP server gets the request, and would log it.
        using var answer = await http.GetAsync($"http://127.0.0.1:{port}/ws?access_token={Token}");

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        node.Signal(UnixSignal.Terminate);
        await node.WaitForExitAsync();
        Assert.NotEmpty(node.Output);
        Assert.DoesNotContain(Token, node.Output, StringComparison.Ordinal);
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string url)
    {
        try
        {
            using var answer = await http.GetAsync(url);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
