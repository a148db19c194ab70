using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Aspire.Local.Tests.Hosting;

/// <summary>The test AppHost, started for one test. Every wait is bounded.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _limit = new(Limit);
    private readonly DistributedApplication _application;

    private TestApp(DistributedApplication application) => _application = application;

    public DistributedApplication Application => _application;

    public ResourceNotificationService Notifications => _application.ResourceNotifications;

    public CancellationToken Token => _limit.Token;

    public static async Task<TestApp> StartAsync(Action<IDistributedApplicationTestingBuilder>? change = null, params string[] args)
    {
        var app = await BuildAsync(change, args);
        await app._application.StartAsync(app.Token);
        return app;
    }

    public static async Task<TestApp> BuildAsync(Action<IDistributedApplicationTestingBuilder>? change = null, params string[] args)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Aspire_Local_TestAppHost>(args);
        change?.Invoke(builder);
        return new TestApp(await builder.BuildAsync());
    }

    public HttpClient Client(string resource = "service") => _application.CreateHttpClient(resource);

    /// <summary>Over a connection of its own: the proxy chooses an instance per connection.</summary>
    public async Task<string> GetAsync(string path, string resource = "service")
    {
        using var client = Client(resource);
        client.DefaultRequestHeaders.ConnectionClose = true;
        return await client.GetStringAsync(new Uri(path, UriKind.Relative), Token);
    }

    public async Task PostAsync(string path, string resource = "service")
    {
        using var client = Client(resource);
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), null, Token);
    }

    public IReadOnlyList<ResourceEvent> Instances(string resource) => Notifications.Find(resource);

    public async Task<ResourceEvent> WaitAsync(string nameOrId, string state) =>
        await Notifications.WaitForResourceAsync(nameOrId, change => change.Snapshot.State?.Text == state, Token);

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _limit.Dispose();
    }
}

internal static class ResourceEventExtensions
{
    public static string? Problem(this ResourceEvent change) => change.Property("problem") as string;

    public static int ProcessId(this ResourceEvent change) => (int)change.Property("executable.pid")!;

    public static string? Variable(this ResourceEvent change, string name) =>
        change.Snapshot.EnvironmentVariables.FirstOrDefault(variable => variable.Name == name)?.Value;

    private static object? Property(this ResourceEvent change, string name) =>
        change.Snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value;
}
