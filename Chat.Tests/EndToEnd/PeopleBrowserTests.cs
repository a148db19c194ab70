using Chat.Tests.Cluster;
using Chat.Tests.Support;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

[Collection(ClusterSuite.Name)]
public sealed class PeopleBrowserTests
{
    [Fact]
    public async Task Pages_show_who_is_here_who_is_writing_who_has_read_and_who_wants_to_talk_alone()
    {
        var chromium = Tool.RequireChromium();
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2, web: true);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ChatPages.ChromiumArguments });

        var ada = await ChatPages.SignInAsync(browser, app.Web, "ada");
        var bob = await ChatPages.SignInAsync(browser, app.Web, "bob");
        await Assertions.Expect(ada.GetByTestId("presence")).ToHaveTextAsync("2 here");
        await Assertions.Expect(bob.GetByTestId("presence")).ToHaveTextAsync("2 here");

        await bob.GetByTestId("composer").PressSequentiallyAsync("hm");
        await Assertions.Expect(ada.GetByTestId("typing")).ToHaveTextAsync("bob is typing…");

        await ChatPages.SayAsync(ada, "who is here?");
        await Assertions.Expect(ada.GetByText("Seen by bob")).ToBeVisibleAsync();

        await ada.GetByTestId("presence").ClickAsync();
        await ada.GetByTestId("member").ClickAsync();
        await Assertions.Expect(ada.GetByRole(AriaRole.Heading, new() { Name = "@bob" })).ToBeVisibleAsync();
        await ChatPages.SayAsync(ada, "between us");
        await bob.Locator("[data-testid=room-link][data-room='dm:ada:bob']").ClickAsync();
        await Assertions.Expect(bob.GetByTestId("message")).ToContainTextAsync("between us");

        await bob.Context.CloseAsync();
        await Assertions.Expect(ada.GetByTestId("presence")).ToHaveTextAsync("1 here", new() { Timeout = 10_000 });
    }
}
