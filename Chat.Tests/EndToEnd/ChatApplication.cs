using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Chat.Client;
using Chat.Tests.Support;

namespace Chat.Tests.EndToEnd;

/// <summary>The whole application as the AppHost composes it, in real processes, on ports and data of its own.</summary>
internal sealed class ChatApplication : IAsyncDisposable
{
    /// <summary>How soon a person sees what a command did.</summary>
    private static readonly TimeSpan DashboardMax = TimeSpan.FromSeconds(2);

    private readonly DirectoryInfo _data;
    private readonly DistributedApplication _app;
    private readonly string? _engine;

    private ChatApplication(DistributedApplication app, DirectoryInfo data, string? engine) =>
        (_app, _data, _engine, Http) = (app, data, engine, app.CreateHttpClient("balancer", "http"));

    public HttpClient Http { get; }

    public ResourceNotificationService Notifications => _app.ResourceNotifications;

    public Uri Balancer => _app.GetEndpoint("balancer", "http");

    public Uri Web => _app.GetEndpoint("web", "http");

    /// <param name="redis"><c>embedded</c> or <c>container</c>.</param>
    /// <param name="web">With the front end.</param>
    /// <param name="otlp">Where all processes send their telemetry over OTLP/HTTP; null for nowhere that listens.</param>
    public static async Task<ChatApplication> StartAsync(string redis, int nodes, bool web = false, Uri? otlp = null)
    {
        var engine = redis == "container" ? Tool.RequireContainerEngine() : null;

        if (web)
        {
            Tool.RequireNpm();
        }

        var data = Directory.CreateTempSubdirectory("chat-test-");
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Chat_AppHost>(
            [$"--Chat:Redis={redis}", $"--Chat:RedisData={data.FullName}", $"--Chat:RedisVolume={data.Name}", $"--Chat:Nodes={nodes}"],
            TestContext.Current.CancellationToken);
        foreach (var resource in builder.Resources.ToArray())
        {
            if (!web && (resource.Name is "web" or "web-packages"))
            {
                builder.Resources.Remove(resource);
            }
            else if (otlp is not null && (resource is ProjectResource || resource.Name is "web") && resource is IResourceWithEnvironment exporting)
            {
                builder.CreateResourceBuilder(exporting)
                    .WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.ToString())
                    .WithEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
            }
        }

        var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        try
        {
            await Within.Seconds(90, app.StartAsync, "the application has started");
            var started = new ChatApplication(app, data, engine);
            await started.WaitHealthyAsync(web ? "web" : "balancer");
            return started;
        }
        catch
        {
            await app.DisposeAsync();
            data.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>All instances of the resource, by their state now.</summary>
    public async Task<IReadOnlyList<ResourceEvent>> InstancesAsync(string resource, int count)
    {
        var seen = new Dictionary<string, ResourceEvent>();
        await Within.Seconds(
            30,
            async token =>
            {
                await foreach (var change in Notifications.WatchAsync(token))
                {
                    if (change.Resource.Name == resource && change.ResourceId != resource)
                    {
                        seen[change.ResourceId] = change;
                    }

                    if (seen.Count >= count)
                    {
                        return;
                    }
                }
            },
            $"{count} instances of {resource}");
        return [.. seen.Values];
    }

    public Task WaitHealthyAsync(string resource) => Within.Seconds(
        90,
        // An instance that was stopped on purpose may still be told of after its successor.
        token => Notifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, token),
        $"{resource} is healthy");

    public async Task CommandAsync(string resourceId, string command)
    {
        var result = await Within.Seconds(
            30, token => _app.ResourceCommands.ExecuteCommandAsync(resourceId, command, token), $"{command} of {resourceId}");
        Assert.True(result.Success, result.Message);
    }

    /// <summary>Gives the command, and waits for what the dashboard has to show of it within 2 s.</summary>
    public async Task BreakAsync(string resourceId, string command, IReadOnlyCollection<string> states)
    {
        var seen = ReachesAsync(resourceId, states, seconds: 30);
        var done = CommandAsync(resourceId, command);
        await seen.WaitAsync(DashboardMax, TestContext.Current.CancellationToken);
        await done;
    }

    /// <summary>Waits until the instance is in one of these states.</summary>
    public Task ReachesAsync(string resourceId, IReadOnlyCollection<string> states, double seconds) => Within.Seconds(
        seconds,
        async token =>
        {
            await foreach (var change in Notifications.WatchAsync(token))
            {
                if (change.ResourceId == resourceId && change.Snapshot.State?.Text is { } state && states.Contains(state))
                {
                    return;
                }
            }
        },
        $"{resourceId} is {string.Join(" or ", states)}");

    /// <summary>A client that goes through the balancer.</summary>
    public ChatClient Connect(string user) => Connect(Http, Balancer, user);

    public static ChatClient Connect(HttpClient http, Uri balancer, string user) => new(new ChatClientOptions
    {
        Url = balancer,
        Token = DevelopmentLogin.For(http, balancer, user),
        BackoffMax = TimeSpan.FromSeconds(1),
    });

    /// <summary>The texts of a room's newest page, oldest first.</summary>
    public static async Task<string[]> ReadHistoryAsync(HttpClient http, Uri balancer, string user, string room)
    {
        var token = await DevelopmentLogin.LoginAsync(http, balancer, user, TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(balancer, $"/api/rooms/{room}/messages"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        using var page = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return [.. page.RootElement.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("text").GetString()!)];
    }

    /// <summary>Two clients that sit on different nodes: the balancer is asked until it is so.</summary>
    public async Task<(ChatClient First, ChatClient Second)> ConnectApartAsync(string first, string second)
    {
        var one = Connect(first);
        await one.ConnectedAsync();
        for (var tries = 0; tries < 20; tries++)
        {
            var other = Connect(second);
            await other.ConnectedAsync();
            if (other.Status.Node != one.Status.Node)
            {
                return (one, other);
            }

            await other.DisposeAsync();
        }

        throw new InvalidOperationException("Twenty connections went to the same node.");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
        if (_engine is not null)
        {
            // A volume outlives its containers.
            using var removal = Process.Start(_engine, ["volume", "rm", _data.Name]);
            await removal.WaitForExitAsync();
        }
    }
}
