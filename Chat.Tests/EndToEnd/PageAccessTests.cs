using System.Text.Json;
using Chat.Tests.Support;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>Every view is for everybody: axe finds nothing against WCAG 2.2 AA, light and dark, on a phone and on a desk.</summary>
[Collection(PageSuite.Name)]
public sealed class PageAccessTests(PageFixture fixture)
{
    private static readonly string Axe = Path.Combine(Tool.RepositoryFolder, "chat-web", "node_modules", "axe-core", "axe.min.js");

    [Theory]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 390)]
    [InlineData(ColorScheme.Dark, 1280)]
    public async Task Axe_finds_nothing_in_any_view(ColorScheme scheme, int width)
    {
        await fixture.StartAsync();
        BrowserNewContextOptions options = new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 800 } };
        var signIn = await (await fixture.Browser.NewContextAsync(options)).NewPageAsync();
        await signIn.GotoAsync(fixture.App.Web.ToString());
        await signIn.GetByTestId("sign-in").WaitForAsync();
        await CheckAsync(signIn, "sign in");
        await signIn.Context.CloseAsync();

        var room = $"access-{scheme}-{width}".ToLowerInvariant();
        var gate = new PageGate();
        var bob = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "bob", room);
        var ada = await ChatPages.SignInAsync(fixture.Browser, fixture.App.Web, "ada", room, options, gate.StandAsync);
        await CheckAsync(ada, "empty room");
        await ChatPages.SayAsync(ada, "see https://example.org/ and then");
        await ChatPages.SayAsync(bob, "thank you");
        await Assertions.Expect(ada.Locator(".text", new() { HasTextString = "thank you" })).ToBeVisibleAsync();
        await CheckAsync(ada, "room");

        await ada.Locator(".text", new() { HasTextString = "thank you" }).ClickAsync();
        await Assertions.Expect(ada.GetByTestId("hop").First).ToBeVisibleAsync();
        await CheckAsync(ada, "inspector");
        await ada.Keyboard.PressAsync("Escape");

        await ada.GetByTestId("presence").ClickAsync();
        await CheckAsync(ada, "members");
        await ada.GetByTestId("presence").ClickAsync();

        await ada.RouteAsync("**/balancer/**", route => route.FulfillAsync(new() { Status = 403 }));
        await ada.GetByTestId("topology-link").ClickAsync();
        await ada.GetByTestId("status-token").WaitForAsync();
        await CheckAsync(ada, "topology for those with a token");
        await ada.UnrouteAllAsync();
        await ada.GetByTestId("topology-node").First.WaitForAsync();
        await CheckAsync(ada, "topology");
        await ada.GetByTestId("topology-link").ClickAsync();

        await gate.ShutAsync();
        await ChatPages.WriteAsync(ada, "waits");
        await ada.GetByText("The connection is lost").WaitForAsync();
        await CheckAsync(ada, "disconnected");
        if (width == 390)
        {
            await ada.GetByText("Rooms", new() { Exact = true }).First.ClickAsync();
            await CheckAsync(ada, "rooms");
        }

        await ada.Context.CloseAsync();
        await bob.Context.CloseAsync();
    }

    private static async Task CheckAsync(IPage page, string view)
    {
        await page.AddScriptTagAsync(new() { Path = Axe });
        var found = await page.EvaluateAsync<JsonElement>(
            "async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations"
            + ".map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`)");
        Assert.Equal((view, "[]"), (view, found.GetRawText()));
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{view}: wider than its window.");
    }
}
