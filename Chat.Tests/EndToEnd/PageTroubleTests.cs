using Aspire.Hosting.ApplicationModel;
using Chat.Tests.Support;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>
/// What people see on the page, in Chromium, while the store is away, forgets everything, the clock is set, and the browser keeps nothing:
/// all arrives once, in order, nothing is stuck, and nobody is said to have read what they have not.
/// </summary>
[Collection(PageSuite.Name)]
public sealed class PageTroubleTests(PageFixture fixture)
{
    [Theory]
    [InlineData(8)]
    [InlineData(120, Explicit = true)]
    public async Task Redis_away_holds_up_what_is_written_and_what_a_page_wants_to_enter_and_loses_nothing(int seconds)
    {
        await fixture.StartAsync();
        var room = $"redis-away-{seconds}";
        var gate = new PageGate();
        var ada = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", room, prepare: gate.StandAsync);
        var bob = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "bob", room);
        await ChatPages.SayAsync(ada, "before");
        await Assertions.Expect(ada.GetByText("Seen by bob")).ToBeVisibleAsync();
        var redis = Assert.Single(await fixture.App.InstancesAsync("redis-server", count: 1)).ResourceId;

        await fixture.App.BreakAsync(redis, "kill", KnownResourceStates.TerminalStates);
        await ChatPages.PassAsync(ada, seconds / 4.0);
        await ChatPages.WriteAsync(ada, "ada 1");
        await ChatPages.WriteAsync(bob, "bob 1");
        await Assertions.Expect(ada.GetByText("This node cannot reach the message store")).ToBeVisibleAsync(new() { Timeout = 30_000 });

        // One comes back while the store is away, so that there is nothing to join; and wants another room.
        await gate.ShutAsync();
        gate.Open();
        await ChatPages.WriteAsync(ada, "ada 2");
        await ChatPages.PassAsync(ada, seconds * 3 / 4.0);
        foreach (var page in new[] { ada, bob })
        {
            await Assertions.Expect(page.GetByText("Seen by")).ToHaveCountAsync(page == ada ? 1 : 0);
            await Assertions.Expect(page.Locator("[data-testid=message][data-state=failed]")).ToHaveCountAsync(0);
        }

        await Assertions.Expect(ada.Locator($"{ChatPages.Pending} .text")).ToHaveTextAsync(["ada 1", "ada 2"]);
        await fixture.App.CommandAsync(redis, KnownResourceCommands.StartCommand);

        await AgreeAsync(ada, bob, ["ada 1", "ada 2"], ["before", "ada 1", "ada 2", "bob 1"]);
        await Assertions.Expect(ada.GetByText("This node cannot reach the message store")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Assertions.Expect(ada.GetByTestId("unrecovered")).ToHaveCountAsync(0);
        await ChatPages.SayAsync(bob, "after");
        await Assertions.Expect(bob.GetByText("Seen by ada")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await ada.Context.CloseAsync();
        await bob.Context.CloseAsync();
    }

    [Fact]
    public async Task A_store_that_forgot_everything_is_told_once_and_what_waits_goes_into_the_new_log()
    {
        await fixture.StartAsync();
        var (ada, bob) = await ChatPages.SignInApartAsync(fixture.Browser, fixture.App.Web, "epoch");
        await ChatPages.SayAsync(ada, "one");
        await ChatPages.SayAsync(bob, "two");
        await ChatPages.SeesAsync(ada, "one", "two");
        var redis = Assert.Single(await fixture.App.InstancesAsync("redis-server", count: 1)).ResourceId;

        await fixture.App.BreakAsync(redis, "flush", ["Emptied"]);
        await ChatPages.WriteAsync(ada, "three");
        await ChatPages.WriteAsync(ada, "four");
        await ChatPages.SeesAsync(ada, "three", "four");
        await ChatPages.WriteAsync(bob, "five");

        foreach (var page in new[] { ada, bob })
        {
            await ChatPages.SeesAsync(page, "three", "four", "five");
            await Assertions.Expect(page.GetByTestId("unrecovered")).ToHaveCountAsync(1);
        }

        // Who comes later finds the new log, whole, and no break in it.
        var eve = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "eve", "epoch");
        await ChatPages.SeesAsync(eve, "three", "four", "five");
        await Assertions.Expect(eve.GetByTestId("unrecovered")).ToHaveCountAsync(0);
        await Assertions.Expect(bob.GetByText("Seen by")).ToContainTextAsync("ada");
        await ada.Context.CloseAsync();
        await bob.Context.CloseAsync();
        await eve.Context.CloseAsync();
    }

    [Fact]
    public async Task A_clock_set_back_an_hour_keeps_nothing_from_going_out_nor_over_a_reload()
    {
        await fixture.StartAsync();
        var gate = new PageGate();
        var ada = await ChatPages.SignInAsync(
            fixture.Browser, fixture.App.Web, "ada", "clock", prepare: async context =>
            {
                await gate.StandAsync(context);
                await context.AddInitScriptAsync(
                    "const now = Date.now.bind(Date); Date.now = () => now() + Number(localStorage.getItem('clock-off-by') ?? 0);");
            });
        var bob = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "bob", "clock");
        await ChatPages.SayAsync(ada, "before");

        await ada.EvaluateAsync("() => localStorage.setItem('clock-off-by', -3_600_000)");
        await ChatPages.SayAsync(bob, "seen at once");
        await ChatPages.SeesAsync(ada, "before", "seen at once");
        await gate.ShutAsync();
        await ChatPages.WriteAsync(ada, "waits");
        await ChatPages.WriteAsync(bob, "missed");
        await ada.ReloadAsync();
        await Assertions.Expect(ada.Locator($"{ChatPages.Pending} .text")).ToHaveTextAsync(["waits"]);
        gate.Open();

        foreach (var page in new[] { ada, bob })
        {
            await ChatPages.SeesAsync(page, "before", "seen at once", "missed", "waits");
        }

        await ada.Context.CloseAsync();
        await bob.Context.CloseAsync();
    }

    [Fact]
    public async Task A_browser_without_room_for_anything_still_sends_each_text_once()
    {
        await fixture.StartAsync();
        var gate = new PageGate();
        var ada = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", "quota", prepare: gate.StandAsync);
        var bob = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "bob", "quota");
        var errors = new List<string>();
        ada.PageError += (_, error) => errors.Add(error);
        await ChatPages.SayAsync(ada, "before");
        var chromium = await ada.Context.NewCDPSessionAsync(ada);
        var origin = new Uri(ada.Url).GetLeftPart(UriPartial.Authority);
        await chromium.SendAsync("Storage.overrideQuotaForOrigin", new() { ["origin"] = origin, ["quotaSize"] = 1 });
        await ada.EvaluateAsync(
            """
            () => {
              for (let length = 1 << 22; length >= 1; length >>= 1) {
                try { for (let i = 0; ; i += 1) sessionStorage.setItem(`filler ${length} ${i}`, 'x'.repeat(length)); } catch { /* Full. */ }
              }
            }
            """);
        Assert.True(await ada.EvaluateAsync<bool>("() => { try { sessionStorage.setItem('more', 'xxxxxxxx'); return false; } catch { return true; } }"));

        await ChatPages.SayAsync(ada, "nothing is kept");
        await gate.ShutAsync();
        foreach (var text in new[] { "one", "two", "three" })
        {
            await ChatPages.WriteAsync(ada, text);
        }

        await Assertions.Expect(ada.GetByTestId("composer")).ToHaveValueAsync("");
        await Assertions.Expect(ada.Locator($"{ChatPages.Pending} .text")).ToHaveTextAsync(["one", "two", "three"]);
        gate.Open();

        foreach (var page in new[] { ada, bob })
        {
            await ChatPages.SeesAsync(page, "before", "nothing is kept", "one", "two", "three");
        }

        Assert.Empty(errors);
        await ada.Context.CloseAsync();
        await bob.Context.CloseAsync();
    }

    [Fact]
    public async Task A_refused_room_and_a_refused_page_of_history_say_so_and_can_be_asked_for_again()
    {
        await fixture.StartAsync();
        await using var writer = fixture.App.Connect("writer");
        var log = await Within.Seconds(30, token => writer.JoinAsync("refused", token), "the writer is in the room");
        for (var i = 1; i <= 60; i++)
        {
            await log.SendAsync($"text {i}");
        }

        var gate = new PageGate { Refuse = { ["join"] = "forbidden" } };
        var ada = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", "others", prepare: gate.StandAsync, refused: true);
        await Assertions.Expect(ada.GetByTestId("refused")).ToContainTextAsync("You cannot enter this room.");
        await Assertions.Expect(ada.GetByText("Entering the room…")).ToHaveCountAsync(0);
        gate.Refuse.Remove("join");
        await ada.GetByTestId("refused").GetByRole(AriaRole.Button).ClickAsync();
        await ChatPages.SayAsync(ada, "let in");

        await ada.GetByTestId("room-name").FillAsync("refused");
        await ada.GetByTestId("enter-room").ClickAsync();
        await Assertions.Expect(ada.GetByTestId("message")).ToHaveCountAsync(50);
        gate.Refuse["history"] = "forbidden";
        await ada.GetByTestId("load-earlier").ClickAsync();
        await Assertions.Expect(ada.GetByText("The node refuses: history")).ToBeVisibleAsync();
        await Assertions.Expect(ada.GetByTestId("load-earlier")).ToHaveTextAsync("Load earlier");
        await Assertions.Expect(ada.GetByTestId("load-earlier")).ToBeEnabledAsync();
        gate.Refuse.Remove("history");
        await ada.GetByTestId("load-earlier").ClickAsync();

        await ChatPages.SeesAsync(ada, [.. Enumerable.Range(1, 60).Select(i => $"text {i}")]);
        await ada.Context.CloseAsync();
    }

    [Fact]
    public async Task Nobody_is_said_to_have_read_what_they_have_not_looked_at()
    {
        await fixture.StartAsync();
        var gate = new PageGate();
        var ada = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", "receipts", prepare: gate.StandAsync);
        var bob = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "bob", "receipts");
        await bob.GetByTestId("presence").ClickAsync();
        await bob.GetByTestId("member").ClickAsync();
        await Assertions.Expect(bob.GetByRole(AriaRole.Heading, new() { Name = "@ada" })).ToBeVisibleAsync();
        await ChatPages.SayAsync(bob, "between us");
        await ada.Locator("[data-testid=room-link][data-room='dm:ada:bob']").WaitForAsync();
        await gate.ShutAsync();
        gate.Open();
        await ChatPages.ConnectedAsync(ada);
        // What ada writes elsewhere comes after anything her page could have said of the room she was invited to.
        await ChatPages.SayAsync(ada, "I look at this room");
        await bob.Locator("[data-testid=room-link][data-room='receipts']").ClickAsync();
        await ChatPages.SeesAsync(bob, "I look at this room");
        await Assertions.Expect(ada.GetByText("Seen by bob")).ToBeVisibleAsync();
        await bob.Locator("[data-testid=room-link][data-room='dm:ada:bob']").ClickAsync();
        await ChatPages.SeesAsync(bob, "between us");
        await Assertions.Expect(bob.GetByText("Seen by")).ToHaveCountAsync(0);

        await ada.Locator("[data-testid=room-link][data-room='dm:ada:bob']").ClickAsync();

        await Assertions.Expect(bob.GetByText("Seen by ada")).ToBeVisibleAsync();
        await ada.Context.CloseAsync();
        await bob.Context.CloseAsync();
    }

    /// <summary>Two pages show the same, all of it stored; one of them has these texts in this order, and the whole is these.</summary>
    private static async Task AgreeAsync(IPage one, IPage other, string[] inOrder, string[] all)
    {
        var stored = one.Locator("[data-testid=message][data-state=sent] .text");
        await Assertions.Expect(stored).ToHaveCountAsync(all.Length, new() { Timeout = 60_000 });
        var texts = await stored.AllTextContentsAsync();
        Assert.Equal(all.Order(), texts.Order());
        Assert.Equal(inOrder, texts.Where(inOrder.Contains));
        await ChatPages.SeesAsync(one, [.. texts]);
        await ChatPages.SeesAsync(other, [.. texts]);
    }
}
