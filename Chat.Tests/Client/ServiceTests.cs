using System.Net;
using Chat.Client;
using Chat.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Client;

public sealed class ServiceTests
{
    [Fact]
    public async Task A_host_gets_one_client_with_its_options()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new Uri("http://localhost:1"));
        services.AddChatClient((options, provider) =>
        {
            options.Url = provider.GetRequiredService<Uri>();
            options.Token = _ => Task.FromResult("token");
        });
        await using var provider = services.BuildServiceProvider();

        var client = provider.GetRequiredService<ChatClient>();

        Assert.Same(client, provider.GetRequiredService<ChatClient>());
        Assert.Equal(ConnectionState.Stopped, client.Status.State);
    }

    [Fact]
    public void Options_that_are_wrong_are_all_told()
    {
        var services = new ServiceCollection();
        services.AddChatClient(options =>
        {
            options.Url = new Uri("ftp://localhost");
            options.JoinsMax = 0;
            options.ResendWithin = TimeSpan.FromSeconds(1);
            options.JoinTimeout = TimeSpan.Zero;
        });
        using var provider = services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<ChatClient>);

        Assert.Equal(
            [
                "Url is an absolute address: http, https, ws or wss.",
                "Token is set: it gives the token of the user.",
                "JoinTimeout is above zero, or infinite.",
                "JoinsMax is at least 1.",
                "ResendWithin is longer than AckTimeout: otherwise nothing is ever sent again.",
            ],
            exception.Failures);
    }

    [Fact]
    public async Task The_rooms_are_asked_for_over_http_with_the_token()
    {
        using var http = new HttpClient(new Api());
        await using var world = new ScriptedWorld(options => options with { Http = http, Url = new Uri("ws://localhost:8080") });

        Assert.Equal(["lobby", "attic"], await Within.Seconds(10, world.Client.GetRoomsAsync));
    }

    private sealed class Api : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("http://localhost:8080/api/rooms", request.RequestUri!.ToString());
            Assert.Equal("Bearer token", request.Headers.Authorization!.ToString());
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"rooms":["lobby","attic"]}""") });
        }
    }
}
