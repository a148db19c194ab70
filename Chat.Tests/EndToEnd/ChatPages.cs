using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>What a person does on the page.</summary>
internal static class ChatPages
{
    public static readonly string[] ChromiumArguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    /// <summary>Signs in, in a browser of its own, and enters the lobby.</summary>
    public static async Task<IPage> SignInAsync(IBrowser browser, Uri web, string user)
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

    /// <summary>Returns when it is stored.</summary>
    public static async Task SayAsync(IPage page, string text)
    {
        await page.GetByTestId("composer").FillAsync(text);
        await page.GetByTestId("send").ClickAsync();
        await page.Locator("[data-testid=message][data-state=sent]").Last.WaitForAsync();
    }
}
