using System.Net;
using Chat.Tests.Cluster;
using Chat.Tests.Support;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

[Collection(ClusterSuite.Name)]
public sealed class BrowserTests
{
    [Fact]
    public async Task The_whole_application_starts_healthy_and_two_pages_on_different_nodes_chat()
    {
        var chromium = Tool.RequireChromium();
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 3, web: true);
        Assert.Equal(3, (await app.InstancesAsync("node", count: 3)).Count);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync(new Uri("/balancer/status", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ChatPages.ChromiumArguments });
        var ada = await ChatPages.SignInAsync(browser, app.Web, "ada");
        var bob = await ChatPages.SignInAsync(browser, app.Web, "bob");
        for (var tries = 0; await NodeAsync(bob) == await NodeAsync(ada) && tries < 20; tries++)
        {
            await bob.Context.CloseAsync();
            bob = await ChatPages.SignInAsync(browser, app.Web, "bob");
        }

        await ChatPages.SayAsync(ada, "hello from ada");
        await ChatPages.SayAsync(bob, "hello from bob");

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

    private static async Task<string> NodeAsync(IPage page) => (await page.GetByTestId("my-node").GetAttributeAsync("data-node"))!;
}
