using Aspire.Hosting.ApplicationModel;
using Chat.Tests.Support;
using Microsoft.Playwright;
using OpenTelemetry.Proto.Trace.V1;

namespace Chat.Tests.EndToEnd;

/// <summary>What people see on the page, in Chromium, while it goes well and while it does not.</summary>
[Collection(PageSuite.Name)]
public sealed class PageTests(PageFixture fixture)
{
    [Fact]
    public async Task Hostile_right_to_left_emoji_and_long_texts_arrive_once_and_are_nothing_but_text()
    {
        await fixture.StartAsync();
        var (ada, bob) = await ChatPages.SignInApartAsync(fixture.Browser, fixture.App.Web, "hostile");
        string[] texts =
        [
            "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>",
            "javascript:window.hacked=1 \"><svg onload=window.hacked=1>",
            "שלום עולם \u202Eevil\u202C مرحبا",
            "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301",
            new string('x', 4096),
        ];

        foreach (var text in texts)
        {
            await ChatPages.WriteAsync(ada, text);
        }

        foreach (var page in new[] { ada, bob })
        {
            await ChatPages.SeesAsync(page, texts);
            Assert.Equal(texts, await page.Locator("[data-testid=message] .text").AllTextContentsAsync());
            Assert.True(await page.EvaluateAsync<bool>("() => window.hacked === undefined"));
            Assert.Equal(0, await page.Locator("[data-testid=message] :is(img, script, svg)").CountAsync());
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page is wider than its window.");
        }

        await CloseAsync(ada, bob);
    }

    [Fact]
    public async Task Ten_seconds_offline_lose_nothing_of_what_others_wrote_and_nothing_of_one_s_own()
    {
        await fixture.StartAsync();
        var (ada, bob) = await ChatPages.SignInApartAsync(fixture.Browser, fixture.App.Web, "offline");
        await ChatPages.SayAsync(ada, "before");
        await ada.Context.SetOfflineAsync(true);
        await Assertions.Expect(ada.GetByTestId("retry-in")).ToBeVisibleAsync(new() { Timeout = 20_000 });

        await ChatPages.WriteAsync(ada, "mine 1");
        await ChatPages.WriteAsync(bob, "theirs 1");
        await ChatPages.WriteAsync(ada, "mine 2");
        await ChatPages.WriteAsync(bob, "theirs 2");
        await ChatPages.SeesAsync(bob, "before", "theirs 1", "theirs 2");
        await Assertions.Expect(ada.Locator("[data-testid=message][data-state=pending]")).ToHaveCountAsync(2);
        await ChatPages.PassAsync(ada, seconds: 10);
        await ada.Context.SetOfflineAsync(false);

        await ChatPages.SeesAsync(ada, "before", "theirs 1", "theirs 2", "mine 1", "mine 2");
        await ChatPages.SeesAsync(bob, "before", "theirs 1", "theirs 2", "mine 1", "mine 2");
        await Assertions.Expect(ada.GetByTestId("unrecovered")).ToHaveCountAsync(0);
        await CloseAsync(ada, bob);
    }

    [Fact]
    public async Task A_reload_keeps_what_is_unsent_and_what_is_half_written_and_sends_it_once()
    {
        await fixture.StartAsync();
        var gate = new PageGate();
        var ada = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", "reload", prepare: gate.StandAsync);
        var bob = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "bob", "reload");
        await ChatPages.SayAsync(ada, "before");
        await gate.ShutAsync();
        await ChatPages.WriteAsync(ada, "unsent");
        await ada.GetByTestId("composer").FillAsync("half writ");
        await Assertions.Expect(ada.Locator("[data-testid=message][data-state=pending]")).ToHaveTextAsync(["unsent\nSending…"], new() { UseInnerText = true });

        await ada.ReloadAsync();

        await Assertions.Expect(ada.Locator("[data-testid=message][data-state=pending] .text")).ToHaveTextAsync(["unsent"]);
        await Assertions.Expect(ada.GetByTestId("composer")).ToHaveValueAsync("half writ");
        gate.Open();
        await ChatPages.SeesAsync(ada, "before", "unsent");
        await ChatPages.SeesAsync(bob, "before", "unsent");
        await CloseAsync(ada, bob);
    }

    [Fact]
    public async Task A_tab_that_is_closed_leaves_what_it_could_not_send_to_another_tab_of_the_same_person()
    {
        await fixture.StartAsync();
        var gate = new PageGate();
        var bob = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "bob", "tabs");
        var first = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", "tabs", prepare: gate.StandAsync);
        var second = await ChatPages.SignInAsync(first.Context, fixture.App.Web, "ada", "tabs");
        await gate.ShutAsync();
        await ChatPages.WriteAsync(first, "one");
        await ChatPages.WriteAsync(first, "two");
        await Assertions.Expect(first.Locator("[data-testid=message][data-state=pending]")).ToHaveCountAsync(2);
        await Assertions.Expect(second.Locator("[data-testid=message][data-state=pending]")).ToHaveCountAsync(0);
        // A tab that is closed sooner asks its person first.
        await Within.True(10, async () => await ChatPages.KeptTextsAsync(first) == 2, "both texts are in the database");

        await first.CloseAsync();

        await Assertions.Expect(second.Locator("[data-testid=message][data-state=pending] .text")).ToHaveTextAsync(["one", "two"], new() { Timeout = 10_000 });
        gate.Open();
        await ChatPages.SeesAsync(second, "one", "two");
        await ChatPages.SeesAsync(bob, "one", "two");
        await CloseAsync(bob, second);
    }

    [Fact]
    public async Task A_node_killed_under_a_page_loses_nothing_and_the_topology_shows_it()
    {
        await fixture.StartAsync();
        var (ada, bob) = await ChatPages.SignInApartAsync(fixture.Browser, fixture.App.Web, "killed");
        var eve = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "eve", "killed");
        await eve.GetByTestId("topology-link").ClickAsync();
        await Assertions.Expect(eve.Locator("[data-testid=topology-node][data-phase=ready]")).ToHaveCountAsync(2);
        await Assertions.Expect(eve.Locator("[data-testid=topology-node][data-mine=true]")).ToHaveCountAsync(1);
        await ChatPages.SayAsync(ada, "before");
        var node = await ChatPages.NodeAsync(ada);

        await fixture.App.BreakAsync($"node-{node}", "kill", KnownResourceStates.TerminalStates);

        await ChatPages.WriteAsync(ada, "through the crash");
        await ChatPages.SeesAsync(bob, "before", "through the crash");
        await ChatPages.SeesAsync(ada, "before", "through the crash");
        Assert.NotEqual(node, await ChatPages.NodeAsync(ada));
        await Assertions.Expect(eve.Locator($"[data-testid=topology-node][data-node='{node}']"))
            .ToHaveAttributeAsync("data-phase", new System.Text.RegularExpressions.Regex("failing|gone"), new() { Timeout = 20_000 });

        await fixture.App.CommandAsync($"node-{node}", KnownResourceCommands.StartCommand);
        await Assertions.Expect(eve.Locator("[data-testid=topology-node][data-phase=ready]")).ToHaveCountAsync(2, new() { Timeout = 30_000 });
        await CloseAsync(ada, bob, eve);
    }

    [Fact]
    public async Task One_trace_goes_from_the_sender_s_browser_over_two_nodes_and_Redis_to_the_screen_of_the_other()
    {
        await fixture.StartAsync();
        var (ada, bob) = await ChatPages.SignInApartAsync(fixture.Browser, fixture.App.Web, "traced");
        await ChatPages.SayAsync(ada, "follow me");
        await ChatPages.SeesAsync(bob, "follow me");

        var trace = await fixture.Collector.TraceAsync(spans =>
            spans.Count(span => span.Span.Name == "deliver traced") == 2 && spans.Count(span => span.Span.Name == "render traced") == 2
            && spans.Any(span => span.Span.Name == "send traced") && spans.Any(span => span.Span.Name == "receive traced"));

        var send = Assert.Single(trace, span => span.Span.Name == "send traced");
        var receive = Assert.Single(trace, span => span.Span.Name == "receive traced");
        var append = Assert.Single(trace, span => span.Span.Name == "append traced");
        var call = Assert.Single(trace, span => span.Span.Name == "EVALSHA append");
        var delivers = trace.Where(span => span.Span.Name == "deliver traced").ToArray();
        var renders = trace.Where(span => span.Span.Name == "render traced").ToArray();
        Assert.True(send.Span.ParentSpanId.IsEmpty);
        Assert.Equal(send.Span.SpanId, receive.Span.ParentSpanId);
        Assert.Equal(append.Span.SpanId, call.Span.ParentSpanId);
        Assert.All(renders, render => Assert.Equal(append.Span.SpanId, render.Span.ParentSpanId));
        Assert.Equal(2, delivers.Select(span => span.Instance).Distinct().Count());
        Assert.Equal(2, renders.Select(span => span.Instance).Distinct().Count());
        Assert.Contains(renders, render => render.Instance == send.Instance);
        Assert.Equal((Span.Types.SpanKind.Producer, Span.Types.SpanKind.Consumer), (send.Span.Kind, renders[0].Span.Kind));
        Assert.InRange(send.Span.EndTimeUnixNano, send.Span.StartTimeUnixNano + 1, ulong.MaxValue);

        // A browser cannot send a trace context with a WebSocket's handshake: the balancer's part is one link away.
        var connect = await fixture.Collector.SpanAsync(span => span.Span.Name == "connect" && receive.LinksTo(span));
        var handshake = await fixture.Collector.SpanAsync(span => span.Span.SpanId == connect.Span.ParentSpanId);
        Assert.Equal(("handshake", connect.Span.TraceId), (handshake.Span.Name, handshake.Span.TraceId));
        Assert.False(fixture.Collector.HasSeen("follow me"));
        await CloseAsync(ada, bob);
    }

    [Fact]
    public async Task A_message_shows_its_way_and_where_it_stands_in_the_log()
    {
        await fixture.StartAsync();
        var (ada, bob) = await ChatPages.SignInApartAsync(fixture.Browser, fixture.App.Web, "inspected");
        await ChatPages.SayAsync(ada, "look at me");
        await ChatPages.SeesAsync(bob, "look at me");

        await ada.Locator(".text", new() { HasTextString = "look at me" }).ClickAsync();
        await bob.Locator(".text", new() { HasTextString = "look at me" }).ClickAsync();

        await Assertions.Expect(ada.GetByTestId("hop")).ToHaveCountAsync(6);
        Assert.Equal(
            ["received", "stored", "delivered", "arrived", "drawn"],
            await bob.GetByTestId("hop").EvaluateAllAsync<string[]>("hops => hops.map((hop) => hop.dataset.step)"));
        await Assertions.Expect(bob.Locator("[data-step=delivered] .node-badge")).ToHaveAttributeAsync("data-node", await ChatPages.NodeAsync(bob));
        await Assertions.Expect(bob.Locator("[data-step=received] .node-badge")).ToHaveAttributeAsync("data-node", await ChatPages.NodeAsync(ada));
        Assert.Equal(await ada.GetByTestId("position").TextContentAsync(), await bob.GetByTestId("position").TextContentAsync());
        await CloseAsync(ada, bob);
    }

    [Fact]
    public async Task The_topology_is_shown_to_whoever_has_the_balancer_s_token_where_the_balancer_is_elsewhere()
    {
        await fixture.StartAsync();
        var ada = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", "token", prepare: context => context.RouteAsync(
            "**/balancer/**",
            route => route.Request.Headers.TryGetValue("authorization", out var given) && given == "Bearer right"
                ? route.ContinueAsync()
                : route.FulfillAsync(new() { Status = 403 })));
        await ada.GetByTestId("topology-link").ClickAsync();
        await ada.GetByTestId("status-token").FillAsync("wrong");
        await ada.GetByTestId("show-topology").ClickAsync();
        await Assertions.Expect(ada.GetByText("The balancer did not take this token.")).ToBeVisibleAsync();
        await Assertions.Expect(ada.GetByTestId("topology-node")).ToHaveCountAsync(0);

        await ada.GetByTestId("status-token").FillAsync("right");
        await ada.GetByTestId("show-topology").ClickAsync();

        await Assertions.Expect(ada.Locator("[data-testid=topology-node][data-phase=ready]")).ToHaveCountAsync(2);
        await Assertions.Expect(ada.GetByTestId("status-token")).ToHaveCountAsync(0);
        await CloseAsync(ada);
    }

    [Fact]
    public async Task A_room_appears_in_everybody_s_list_as_it_is_made()
    {
        await fixture.StartAsync();
        var bob = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "bob", "before-it");
        var ada = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", "just-made");
        await Assertions.Expect(bob.Locator("[data-testid=room-link][data-room='just-made']")).ToHaveCountAsync(0);

        await ChatPages.SayAsync(ada, "the first");

        await Assertions.Expect(bob.Locator("[data-testid=room-link][data-room='just-made']")).ToBeVisibleAsync(new() { Timeout = 8_000 });
        await CloseAsync(ada, bob);
    }

    [Fact]
    public async Task The_address_of_a_message_leads_to_it_however_far_back_it_is()
    {
        await fixture.StartAsync();
        await using var writer = fixture.App.Connect("writer");
        var log = await Within.Seconds(30, token => writer.JoinAsync("addressed", token), "the writer is in the room");
        for (var i = 1; i <= 130; i++)
        {
            await log.SendAsync($"text {i}");
        }

        var ada = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", "addressed");
        await ada.Locator(".text", new() { HasTextString = "text 130" }).ClickAsync();
        var address = (await ada.GetByTestId("message-link").GetAttributeAsync("href"))!;
        Assert.Equal("#/room/addressed/130", address);

        await ada.EvaluateAsync("() => { location.hash = '/room/addressed/7'; }");

        await Assertions.Expect(ada.Locator("[data-testid=message][data-offset='7']")).ToBeInViewportAsync(new() { Timeout = 10_000 });
        await Assertions.Expect(ada.GetByRole(AriaRole.Heading, new() { Name = "Message 7" })).ToBeVisibleAsync();
        await ada.GoBackAsync();
        await ada.GotoAsync("about:blank");
        await ada.GotoAsync($"{fixture.App.Web}{address}");
        await Assertions.Expect(ada.Locator("[data-testid=message][data-offset='130']")).ToBeInViewportAsync(new() { Timeout = 10_000 });
        await CloseAsync(ada);
    }

    [Fact]
    public async Task What_is_unread_stands_in_the_title_and_what_one_tab_reads_is_read_in_the_other()
    {
        await fixture.StartAsync();
        var bob = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "bob", "read-tabs");
        var first = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", "read-tabs");
        var second = await ChatPages.SignInAsync(first.Context, fixture.App.Web, "ada", "read-tabs");
        foreach (var page in new[] { first, second })
        {
            await page.GetByTestId("room-name").FillAsync("read-elsewhere");
            await page.GetByTestId("enter-room").ClickAsync();
            await Assertions.Expect(page).ToHaveTitleAsync("read-elsewhere · Chat");
        }

        await ChatPages.SayAsync(bob, "news");
        await Assertions.Expect(first).ToHaveTitleAsync("(1) read-elsewhere · Chat");
        await Assertions.Expect(second).ToHaveTitleAsync("(1) read-elsewhere · Chat");

        await first.Locator("[data-testid=room-link][data-room='read-tabs']").ClickAsync();

        await Assertions.Expect(first).ToHaveTitleAsync("read-tabs · Chat");
        await Assertions.Expect(second).ToHaveTitleAsync("read-elsewhere · Chat");
        await CloseAsync(bob, first);
    }

    private static async Task CloseAsync(params IPage[] pages)
    {
        foreach (var page in pages)
        {
            await page.Context.CloseAsync();
        }
    }
}
