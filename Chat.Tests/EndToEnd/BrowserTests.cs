using System.Net;
using Chat.Tests.Support;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

public sealed class BrowserTests
{
    private static readonly string[] ChromiumArguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    [Fact]
    public async Task The_whole_application_starts_healthy_and_two_pages_on_different_nodes_chat()
    {
        var chromium = Tool.RequireChromium();
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 3, web: true);
        Assert.Equal(3, (await app.InstancesAsync("node", count: 3)).Count);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync(new Uri("/balancer/status", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ChromiumArguments });
        var ada = await SignInAsync(browser, app.Web, "ada");
        var bob = await SignInAsync(browser, app.Web, "bob");
        for (var tries = 0; await NodeAsync(bob) == await NodeAsync(ada) && tries < 20; tries++)
        {
            await bob.Context.CloseAsync();
            bob = await SignInAsync(browser, app.Web, "bob");
        }

        await SayAsync(ada, "hello from ada");
        await SayAsync(bob, "hello from bob");

        foreach (var page in new[] { ada, bob })
        {
            await Assertions.Expect(page.GetByTestId("message")).ToHaveCountAsync(2);
            await Assertions.Expect(page.GetByTestId("message").First).ToContainTextAsync("hello from ada");
            await Assertions.Expect(page.GetByTestId("message").First).ToHaveAttributeAsync("data-node", await NodeAsync(ada));
            await Assertions.Expect(page.GetByTestId("message").Last).ToContainTextAsync("hello from bob");
            await Assertions.Expect(page.GetByTestId("message").Last).ToHaveAttributeAsync("data-node", await NodeAsync(bob));
        }

        Assert.NotEqual(await NodeAsync(ada), await NodeAsync(bob));
    }

    private static async Task<IPage> SignInAsync(IBrowser browser, Uri web, string user)
    {
        var page = await (await browser.NewContextAsync()).NewPageAsync();
        await page.GotoAsync(web.ToString());
        await page.GetByTestId("user-name").FillAsync(user);
        await page.GetByTestId("sign-in").ClickAsync();
        await page.Locator("[data-testid=connection-state][data-phase=open]").WaitForAsync();
        await page.GetByTestId("room-name").FillAsync("lobby");
        await page.GetByTestId("enter-room").ClickAsync();
        return page;
    }

    private static async Task<string> NodeAsync(IPage page) => (await page.GetByTestId("my-node").TextContentAsync())!;

    private static async Task SayAsync(IPage page, string text)
    {
        await page.GetByTestId("composer").FillAsync(text);
        await page.GetByTestId("send").ClickAsync();
        await page.Locator("[data-testid=message][data-state=sent]").Last.WaitForAsync();
    }
}
