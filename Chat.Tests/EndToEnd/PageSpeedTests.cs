using System.Globalization;
using System.Text.Json;
using Chat.Tests.Support;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>The built page in Chromium with a room that is long, or fast.</summary>
[Collection(PageSuite.Name)]
public sealed class PageSpeedTests
{
    private const double FramesPerSecondMin = 50;
    private const int MessagesPerSecond = 500;
    private const int MeasuredSeconds = 10;

    /// <summary>Scrolls to the first message, a screen at a time, and watches the row at the top of each: it has to move by just what was scrolled.</summary>
    private const string ScrollToTheTop =
        """
        async () => {
          const box = document.querySelector('.timeline');
          const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))));
          const [seen, jumps] = [new Set(), []];
          let steps = 0;
          for (;;) {
            const edge = box.getBoundingClientRect();
            const inView = [...box.querySelectorAll('[data-offset]')].map((row) => [row, row.getBoundingClientRect()])
              .filter(([, { top, bottom }]) => bottom > edge.top && top < edge.bottom);
            for (const [row] of inView) seen.add(Number(row.dataset.offset));
            const [row, { top }] = inView[0];
            const step = Math.min(Math.round(0.8 * box.clientHeight), box.scrollTop);
            if (step === 0 && row.dataset.offset === '1') return { steps, jumps, seen: seen.size, first: Math.min(...seen), last: Math.max(...seen) };
            box.scrollTop -= step;
            await drawn();
            const moved = (box.querySelector(`[data-offset="${row.dataset.offset}"]`)?.getBoundingClientRect().top ?? NaN) - top;
            if (!(Math.abs(moved - step) <= 2)) jumps.push(`message ${row.dataset.offset} moved by ${moved} instead of ${step}`);
            steps += 1;
          }
        }
        """;

    private const string CountFrames =
        """
        (seconds) => new Promise((resolve) => {
          const start = performance.now();
          let [frames, before, longest] = [0, start, 0];
          requestAnimationFrame(function frame() {
            const now = performance.now();
            frames += 1;
            longest = Math.max(longest, now - before);
            before = now;
            if (now - start < 1000 * seconds) requestAnimationFrame(frame);
            else resolve({ perSecond: 1000 * frames / (now - start), longest });
          });
        })
        """;

    [Fact]
    public async Task Fifty_thousand_messages_are_scrolled_without_a_jump_while_more_are_said()
    {
        const int Messages = 49_800;
        await using var page = await RoomPage.OpenAsync();
        await page.Room.SayAsync(Messages, perSecond: null, TestContext.Current.CancellationToken);
        await page.ShowsAsync(Messages);
        await page.Browser.Locator(".timeline").HoverAsync();
        await page.Browser.Mouse.WheelAsync(0, -200);
        await Assertions.Expect(page.Browser.Locator(".to-newest")).ToBeVisibleAsync();

        var saying = page.Room.SayAsync(150, perSecond: 5, TestContext.Current.CancellationToken);
        var found = await Within.Seconds(240, token => page.Browser.EvaluateAsync<JsonElement>(ScrollToTheTop).WaitAsync(token), "the top is reached");
        await saying;

        Assert.Equal("[]", found.GetProperty("jumps").GetRawText());
        Assert.Equal(1, found.GetProperty("first").GetInt32());
        Assert.Equal(found.GetProperty("last").GetInt32(), found.GetProperty("seen").GetInt32());
        Assert.InRange(found.GetProperty("last").GetInt32(), Messages - 50, Messages + 150);
        await page.Browser.Locator(".to-newest").ClickAsync();
        await page.ShowsAsync(Messages + 150);
    }

    /// <summary><c>dotnet run --project Chat.Tests -- -explicit only -class Chat.Tests.EndToEnd.PageSpeedTests</c> prints what it measured.</summary>
    [Fact(Explicit = true)]
    public async Task Five_hundred_messages_a_second_leave_fifty_frames()
    {
        await using var page = await RoomPage.OpenAsync();
        await page.Room.SayAsync(1_000, perSecond: null, TestContext.Current.CancellationToken);
        await page.ShowsAsync(1_000);
        var idle = await page.Browser.EvaluateAsync<JsonElement>(CountFrames, 3);

        var measuring = page.Browser.EvaluateAsync<JsonElement>(CountFrames, MeasuredSeconds);
        await page.Room.SayAsync(MessagesPerSecond * MeasuredSeconds, MessagesPerSecond, TestContext.Current.CancellationToken);
        var busy = await measuring;
        await page.ShowsAsync(page.Room.Top, withinMs: 1_000);

        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{MessagesPerSecond} messages a second: {Get(busy, "perSecond"):0.0} frames a second, the longest {Get(busy, "longest"):0} ms; with none: {Get(idle, "perSecond"):0.0}, {Get(idle, "longest"):0} ms");
        Console.WriteLine(figures);
        Assert.True(Get(busy, "perSecond") >= FramesPerSecondMin, figures);

        static double Get(JsonElement element, string name) => element.GetProperty(name).GetDouble();
    }

    /// <summary>The built page, signed in and in the room.</summary>
    private sealed class RoomPage(LongRoom room, PageSite site, IPlaywright playwright, IBrowser chromium, IPage page) : IAsyncDisposable
    {
        public LongRoom Room => room;

        public IPage Browser => page;

        public static async Task<RoomPage> OpenAsync()
        {
            var executable = Tool.RequireChromium();
            var room = new LongRoom();
            var site = await PageSite.StartAsync(room.Map);
            await site.BuildAsync(server: null);
            var playwright = await Playwright.CreateAsync();
            var chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = ChatPages.ChromiumArguments });
            var page = await ChatPages.SignInAsync(chromium, site.Url, "ada", "long", new() { ViewportSize = new() { Width = 1280, Height = 1400 } });
            return new RoomPage(room, site, playwright, chromium, page);
        }

        /// <summary>Waits until the newest message that is drawn is this one.</summary>
        public Task ShowsAsync(int offset, float withinMs = 60_000) => Assertions.Expect(page.GetByTestId("message").Last)
            .ToHaveAttributeAsync("data-offset", offset.ToString(CultureInfo.InvariantCulture), new() { Timeout = withinMs });

        public async ValueTask DisposeAsync()
        {
            await chromium.CloseAsync();
            playwright.Dispose();
            await site.DisposeAsync();
            room.Dispose();
        }
    }
}
