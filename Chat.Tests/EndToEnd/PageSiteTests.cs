using Chat.Lab.Cluster;
using Chat.Lab.Processes;
using Chat.Tests.Cluster;
using Chat.Tests.Support;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>The built page as a part of somebody's site: sign-in and tokens are the site's, and the balancer is on another origin.</summary>
[Collection(ClusterSuite.Name)]
public sealed class PageSiteTests
{
    [Fact]
    public async Task People_sign_in_at_the_site_and_chat_through_a_balancer_on_another_origin()
    {
        var chromium = Tool.RequireChromium();
        await using var site = await PageSite.StartAsync();
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions
        {
            NodeSettings = [$"TokenAuthority={site.Url}", $"TokenAudience={PageSite.Audience}", $"AllowedOrigins:0={site.Origin}"],
        });
        using var leash = new ProcessLeash();
        await using var balancer = new BalancerProgram(cluster.Redis.Port, new ClusterPlan(), leash);
        await balancer.StartAsync();
        await balancer.WaitNodesAsync(2, TestContext.Current.CancellationToken);
        await site.BuildAsync(balancer.Url);
        Assert.NotEqual(site.Origin, balancer.Url.GetLeftPart(UriPartial.Authority));
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ChatPages.ChromiumArguments });

        var ada = await ArriveAsync(browser, site, "ada");
        var bob = await ArriveAsync(browser, site, "bob");
        await ChatPages.SayAsync(ada, "from the site");
        await ChatPages.WriteAsync(bob, "from the site, too");

        foreach (var page in new[] { ada, bob })
        {
            await ChatPages.SeesAsync(page, "from the site", "from the site, too");
            Assert.DoesNotContain("ey", new Uri(page.Url).Fragment, StringComparison.Ordinal);
        }

        // A reload goes on with the token it has; without one, it asks the site again and nobody else.
        await ada.ReloadAsync();
        await ChatPages.ConnectedAsync(ada);
        Assert.Equal(2, site.Tokens);
        await ada.EvaluateAsync("() => sessionStorage.clear()");
        await ada.ReloadAsync();
        await ChatPages.ConnectedAsync(ada);
        Assert.Equal(3, site.Tokens);
        await ChatPages.SeesAsync(ada, "from the site", "from the site, too");
    }

    private static async Task<IPage> ArriveAsync(IBrowser browser, PageSite site, string user)
    {
        var page = await (await browser.NewContextAsync()).NewPageAsync();
        await page.GotoAsync($"{site.Url}#/room/lobby");
        var link = (await page.GetByTestId("sign-in-at-site").GetAttributeAsync("href"))!;
        Assert.Contains(Uri.EscapeDataString(site.Url.ToString()), link, StringComparison.Ordinal);
        await page.GotoAsync($"{link}&user={user}");
        await ChatPages.ConnectedAsync(page);
        await page.GetByTestId("composer").WaitForAsync();
        return page;
    }
}
