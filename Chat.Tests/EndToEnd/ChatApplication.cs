using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Chat.Client;
using Chat.Tests.Support;

namespace Chat.Tests.EndToEnd;

/// <summary>The whole application as the AppHost composes it, in real processes, on ports and data of its own.</summary>
internal sealed class ChatApplication : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private readonly DistributedApplication _app;

    private ChatApplication(DistributedApplication app, DirectoryInfo data) =>
        (_app, _data, Http) = (app, data, app.CreateHttpClient("balancer", "http"));

    public HttpClient Http { get; }

    public ResourceNotificationService Notifications => _app.ResourceNotifications;

    public Uri Balancer => _app.GetEndpoint("balancer", "http");

    public Uri Web => _app.GetEndpoint("web", "http");

    /// <param name="redis"><c>embedded</c> or <c>container</c>.</param>
    /// <param name="web">With the front end.</param>
    /// <param name="otlp">Where all processes send their telemetry over OTLP/HTTP; null for nowhere that listens.</param>
    public static async Task<ChatApplication> StartAsync(string redis, int nodes, bool web = false, Uri? otlp = null)
    {
        if (redis == "container")
        {
            Tool.RequireRedisServer();
        }

        if (web)
        {
            Tool.RequireNpm();
        }

        var data = Directory.CreateTempSubdirectory("chat-test-");
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Chat_AppHost>(
            [$"--Chat:Redis={redis}", $"--Chat:RedisData={data.FullName}", $"--Chat:Nodes={nodes}"],
            TestContext.Current.CancellationToken);
        foreach (var resource in builder.Resources.ToArray())
        {
            if (!web && (resource.Name is "web" or "web-packages"))
            {
                builder.Resources.Remove(resource);
            }
            else if (otlp is not null && resource is ProjectResource project)
            {
                builder.CreateResourceBuilder(project)
                    .WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.ToString())
                    .WithEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
            }
        }

        var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        try
        {
            await Within.Seconds(90, app.StartAsync, "the application has started");
            var started = new ChatApplication(app, data);
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
        90, token => Notifications.WaitForResourceHealthyAsync(resource, token), $"{resource} is healthy");

    public async Task CommandAsync(string resourceId, string command)
    {
        var result = await Within.Seconds(
            30, token => _app.ResourceCommands.ExecuteCommandAsync(resourceId, command, token), $"{command} of {resourceId}");
        Assert.True(result.Success, result.Message);
    }

    /// <summary>A client that goes through the balancer.</summary>
    public ChatClient Connect(string user) => new(new ChatClientOptions
    {
        Url = Balancer,
        Token = DevelopmentLogin.For(Http, Balancer, user),
        BackoffMax = TimeSpan.FromSeconds(1),
    });

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
    }
}
