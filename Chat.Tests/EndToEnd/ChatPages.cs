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

    /// <summary>Messages that are not known to be stored.</summary>
    public const string Pending = "[data-testid=message][data-state=pending]";

    /// <summary>Signs in, in a browser of its own, and enters the lobby.</summary>
    public static Task<IPage> SignInAsync(IBrowser browser, Uri web, string user) => SignInAsync(browser, web, user, "lobby");

    /// <summary>Signs in, in a browser of its own, and enters a room.</summary>
    /// <param name="prepare">Before the first page is loaded.</param>
    /// <param name="refused">The node will not have it.</param>
    public static async Task<IPage> SignInAsync(
        IBrowser browser, Uri web, string user, string room, BrowserNewContextOptions? options = null,
        Func<IBrowserContext, Task>? prepare = null, bool refused = false)
    {
        var context = await browser.NewContextAsync(options);
        if (prepare is not null)
        {
            await prepare(context);
        }

        return await SignInAsync(context, web, user, room, refused);
    }

    /// <summary>Signs in, in a new tab of a browser, and enters a room.</summary>
    public static async Task<IPage> SignInAsync(IBrowserContext context, Uri web, string user, string room, bool refused = false)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(web.ToString());
        await page.GetByTestId("user-name").FillAsync(user);
        await page.GetByTestId("sign-in").ClickAsync();
        await ConnectedAsync(page);
        await page.GetByTestId("room-name").FillAsync(room);
        await page.GetByTestId("enter-room").ClickAsync();
        await page.GetByTestId(refused ? "refused" : "composer").WaitForAsync();
        return page;
    }

    /// <summary>Two people in one room whose pages sit on different nodes.</summary>
    public static async Task<(IPage First, IPage Second)> SignInApartAsync(IBrowser browser, Uri web, string room)
    {
        var ada = await SignInAsync(browser, web, "ada", room);
        for (var tries = 0; tries < 20; tries++)
        {
            var bob = await SignInAsync(browser, web, "bob", room);
            if (await NodeAsync(bob) != await NodeAsync(ada))
            {
                return (ada, bob);
            }

            await bob.Context.CloseAsync();
        }

        throw new InvalidOperationException("Twenty pages went to the same node.");
    }

    /// <summary>In the lobby, on a page whose first node is this one.</summary>
    public static async Task<IPage> SignInAtAsync(IBrowser browser, Uri web, string user, string node, Func<IBrowserContext, Task> prepare)
    {
        for (var tries = 0; tries < 20; tries++)
        {
            var page = await SignInAsync(browser, web, user, "lobby", prepare: prepare);
            if (await NodeAsync(page) == node)
            {
                return page;
            }

            await page.Context.CloseAsync();
        }

        throw new InvalidOperationException("Twenty pages went to another node.");
    }

    /// <summary>Returns when it is stored.</summary>
    public static async Task SayAsync(IPage page, string text)
    {
        await WriteAsync(page, text);
        await page.Locator("[data-testid=message][data-state=sent]", new() { HasTextString = text }).Last.WaitForAsync();
    }

    /// <summary>Presses Send, and waits for nothing.</summary>
    public static async Task WriteAsync(IPage page, string text)
    {
        await page.GetByTestId("composer").FillAsync(text);
        await page.GetByTestId("send").ClickAsync();
    }

    public static Task ConnectedAsync(IPage page) =>
        page.Locator("[data-testid=connection-state][data-phase=open]").WaitForAsync(new() { Timeout = 30_000 });

    /// <summary>Lets so much time pass, by the browser's own clock.</summary>
    public static async Task PassAsync(IPage page, double seconds)
    {
        var until = await page.EvaluateAsync<double>("seconds => performance.now() + 1000 * seconds", seconds);
        await page.WaitForFunctionAsync("until => performance.now() > until", until, new() { Timeout = (float)(1000 * seconds) + 20_000 });
    }

    /// <summary>The node that the page is on, by its id.</summary>
    public static async Task<string> NodeAsync(IPage page) => (await page.GetByTestId("my-node").GetAttributeAsync("data-node"))!;

    /// <summary>Waits until the room shows exactly these texts, all of them stored, in this order.</summary>
    public static async Task SeesAsync(IPage page, params string[] texts)
    {
        await Assertions.Expect(page.Locator("[data-testid=message][data-state=sent] .text")).ToHaveTextAsync(texts, new() { Timeout = 30_000 });
        await Assertions.Expect(page.Locator("[data-testid=message]:not([data-state=sent])")).ToHaveCountAsync(0);
    }

    /// <summary>How many texts the browser keeps over the end of the tab.</summary>
    public static Task<int> KeptTextsAsync(IPage page) => page.EvaluateAsync<int>(
        """
        () => new Promise((resolve, reject) => {
          const open = indexedDB.open('chat');
          open.onerror = () => reject(open.error);
          open.onsuccess = () => {
            const count = open.result.transaction('outbox').objectStore('outbox').count();
            count.onsuccess = () => { open.result.close(); resolve(count.result); };
          };
        })
        """);
}
