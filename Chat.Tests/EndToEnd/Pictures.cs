using System.Text.Json;
using Chat.Tests.Cluster;
using Chat.Tests.Support;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>Takes the pictures of the README from a running system: <c>dotnet run --project Chat.Tests -- -explicit only -class Chat.Tests.EndToEnd.Pictures</c>.</summary>
[Collection(ClusterSuite.Name)]
public sealed class Pictures
{
    private static readonly string Folder = Path.Combine(Tool.RepositoryFolder, "docs", "images");

    [Fact(Explicit = true)]
    public async Task Are_taken_of_the_dashboard_its_graph_and_a_trace_over_two_nodes()
    {
        Tool.RequireNpm();
        var chromium = Tool.RequireChromium();
        var data = Directory.CreateTempSubdirectory("chat-test-");
        try
        {
            await using var run = AppHostProcess.Launch(AppHostProcess.Ports.Usual, data);
            await run.StartedAsync();
            using var playwright = await Playwright.CreateAsync();
            await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ChatPages.ChromiumArguments });

            var ada = await ChatPages.SignInAsync(browser, run.Web, "ada");
            var bob = await ChatPages.SignInAsync(browser, run.Web, "bob");
            while (await ada.GetByTestId("my-node").GetAttributeAsync("data-node") == await bob.GetByTestId("my-node").GetAttributeAsync("data-node"))
            {
                await bob.Context.CloseAsync();
                bob = await ChatPages.SignInAsync(browser, run.Web, "bob");
            }

            await ChatPages.SayAsync(ada, "Which node are you on?");
            await ChatPages.SayAsync(bob, "Another one. You see it at the message.");
            await Assertions.Expect(ada.GetByTestId("message")).ToHaveCountAsync(2);

            var dashboard = await (await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 720 } })).NewPageAsync();
            await ShowAsync(dashboard, new Uri(run.Dashboard, "/"), "balancer");
            await SaveAsync(dashboard, "resources.png");
            await ShowAsync(dashboard, new Uri(run.Dashboard, "/?view=Graph"), "balancer");
            await SaveAsync(dashboard, "graph.png");
            var trace = await TraceOverTwoNodesAsync(run.Dashboard);
            await ShowAsync(dashboard, new Uri(run.Dashboard, $"/traces/detail/{trace}"), "deliver lobby");
            await SaveAsync(dashboard, "trace.png");
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact(Explicit = true)]
    public async Task Are_taken_of_the_page_narrow_and_wide_light_and_dark()
    {
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2, web: true);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Tool.RequireChromium(), Args = ChatPages.ChromiumArguments });
        var (ada, bob) = await ChatPages.SignInApartAsync(browser, app.Web, "lobby");
        await ChatPages.SayAsync(ada, "Which node are you on?");
        await ChatPages.SayAsync(bob, "Another one. You see it at the message.");
        await ChatPages.SayAsync(bob, "Its way is at https://en.wikipedia.org/wiki/Hop_(networking), or click on it.");
        await ChatPages.SayAsync(ada, "And when mine dies?");
        await ChatPages.SayAsync(bob, "Nothing happens.");
        await Assertions.Expect(ada.GetByTestId("message")).ToHaveCountAsync(5);

        foreach (var width in new[] { 390, 1280, 1920 })
        {
            await ada.SetViewportSizeAsync(width, width == 390 ? 700 : width * 9 / 16);
            if (width != 390)
            {
                await ada.Locator(".text", new() { HasTextString = "Nothing happens." }).ClickAsync();
                await Assertions.Expect(ada.GetByTestId("hop").First).ToBeVisibleAsync();
            }

            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await ada.EmulateMediaAsync(new() { ColorScheme = scheme });
                await ada.EvaluateAsync("() => Promise.all(document.getAnimations().map((animation) => animation.finished))");
                await SaveAsync(ada, $"page-{width}-{scheme}.png".ToLowerInvariant());
            }
        }
    }

    [Fact(Explicit = true)]
    public async Task Move_when_a_node_is_killed_and_nothing_happens()
    {
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2, web: true);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Tool.RequireChromium(), Args = ChatPages.ChromiumArguments });
        // A page calls the node it meets first A. So that all three say the same, the others begin at Ada's node. The balancer evens out: with
        // one more page on the other node, it is a toss where the next one goes.
        var (ada, other) = await ChatPages.SignInApartAsync(browser, app.Web, "lobby");
        var node = await ChatPages.NodeAsync(ada);
        var gate = new PageGate();
        var bob = await ChatPages.SignInAtAsync(browser, app.Web, "bob", node, gate.StandAsync);
        while (await ChatPages.NodeAsync(bob) == node)
        {
            await gate.ShutAsync();
            gate.Open();
            await ChatPages.ConnectedAsync(bob);
        }

        var topology = await ChatPages.SignInAtAsync(browser, app.Web, "eve", node, _ => Task.CompletedTask);
        await other.Context.CloseAsync();
        await topology.GetByTestId("topology-link").ClickAsync();
        await Assertions.Expect(topology.Locator("[data-testid=topology-node][data-phase=ready]")).ToHaveCountAsync(2);
        var dead = topology.Locator("[data-testid=topology-node]:not([data-phase=ready])");
        var film = await Film.BeginAsync(browser, ada, bob, topology);

        await film.ShowAsync("Ada is on node A, Bob on node B.", 2.5);
        await ChatPages.SayAsync(ada, "Hello Bob");
        await ChatPages.SeesAsync(bob, "Hello Bob");
        await film.ShowAsync("A message's badge is the node that accepted it.", 2);
        await ChatPages.SayAsync(bob, "Hello Ada");
        await ChatPages.SeesAsync(ada, "Hello Bob", "Hello Ada");
        await film.ShowAsync("A message's badge is the node that accepted it.", 2);
        await app.CommandAsync($"node-{node}", "kill");
        await ChatPages.WriteAsync(ada, "Did you notice anything?");
        await film.FollowAsync("kill -9 of node A, and Ada writes on.", async () => await dead.CountAsync() == 0, secondsMax: 8);
        await ChatPages.SeesAsync(bob, "Hello Bob", "Hello Ada", "Did you notice anything?");
        await film.ShowAsync("Her page went to node B by itself, and what she wrote with it.", 3);
        await ChatPages.SayAsync(bob, "No");
        await ChatPages.SeesAsync(ada, "Hello Bob", "Hello Ada", "Did you notice anything?", "No");
        await film.ShowAsync("Nothing is lost, nothing is doubled.", 4);

        Assert.NotEqual(node, await ChatPages.NodeAsync(ada));
        var encoded = film.Encode();
        Assert.InRange(encoded.Length, 1, 2_000_000);
        await File.WriteAllBytesAsync(Path.Combine(Folder, "kill.png"), encoded);
    }

    private static async Task ShowAsync(IPage page, Uri url, string shows)
    {
        await page.GotoAsync(url.ToString(), new() { WaitUntil = WaitUntilState.NetworkIdle });
        await page.GetByText(shows, new() { Exact = true }).First.WaitForAsync();
        // It warns that it has neither password nor certificate, which it does not need on loopback.
        await page.AddStyleTagAsync(new() { Content = "[class*=messagebar], [class*=message-bar] { display: none !important }" });
    }

    private static Task<byte[]> SaveAsync(IPage page, string name) => page.ScreenshotAsync(
        new() { Path = Path.Combine(Folder, name), Animations = ScreenshotAnimations.Disabled });

    private static async Task<string> TraceOverTwoNodesAsync(Uri dashboard)
    {
        using var http = new HttpClient();
        string? found = null;
        await Within.True(
            30,
            async () =>
            {
                using var traces = JsonDocument.Parse(
                    await http.GetByteArrayAsync(new Uri(dashboard, "/api/telemetry/traces"), TestContext.Current.CancellationToken));
                found = traces.RootElement.GetProperty("data").GetProperty("resourceSpans").EnumerateArray()
                    .SelectMany(resource => resource.GetProperty("scopeSpans").EnumerateArray())
                    .SelectMany(scope => scope.GetProperty("spans").EnumerateArray())
                    .Where(span => span.GetProperty("name").GetString() == "deliver lobby")
                    .GroupBy(span => span.GetProperty("traceId").GetString())
                    .FirstOrDefault(delivers => delivers.Count() == 2)?.Key;
                return found is not null;
            },
            "a trace with two deliveries");
        return found!;
    }
}
