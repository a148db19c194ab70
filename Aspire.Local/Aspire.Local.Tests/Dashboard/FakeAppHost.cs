using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Aspire.Local.ResourceService;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

/// <summary>Speaks the AppHost's side of the resource service, word by word as a test says.</summary>
internal sealed class FakeAppHost : IAsyncDisposable
{
    public const string Key = "test key";
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Channel<string>> _streams = new();

    private FakeAppHost(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    public ConcurrentQueue<string> Commands { get; } = new();

    public static async Task<FakeAppHost> StartAsync(string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", url]);
        builder.Logging.ClearProviders();
        var host = new FakeAppHost(builder.Build());
        host.Map();
        await host._app.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public static ResourceDto Resource(string id, string state = "Running") => new(
        id, id.Split('-')[0], "Project", state, null, null, 1, null, null, null, null, null, [], [], [], [], []);

    /// <summary>Says something to everyone who listens, and to who comes later.</summary>
    public async Task SayAsync(object line)
    {
        var text = JsonSerializer.Serialize(line, line.GetType(), JsonSerializerOptions.Web);
        foreach (var stream in _streams)
        {
            await stream.Writer.WriteAsync(text, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Map()
    {
        _app.Use((context, next) =>
        {
            if (context.Request.Headers[ResourceServiceProtocol.KeyHeader] == Key)
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
        _app.MapGet("/v1/resources", async context =>
        {
            var stream = Channel.CreateUnbounded<string>();
            _streams.Enqueue(stream);
            await LineAsync(context, JsonSerializer.Serialize(
                new ResourceChangeDto("snapshot", [Resource("node-a"), Resource("node-b")], null), JsonSerializerOptions.Web));
            await foreach (var line in stream.Reader.ReadAllAsync(context.RequestAborted))
            {
                await LineAsync(context, line);
            }
        });
        _app.MapGet("/v1/resources/{id}/logs", async (HttpContext context, string id) =>
        {
            for (var number = 1; number <= 3; number++)
            {
                var line = new LogLineDto(number, $"{id} {number}", number == 3, DateTimeOffset.UnixEpoch.AddSeconds(number));
                await LineAsync(context, JsonSerializer.Serialize(line, JsonSerializerOptions.Web));
            }
        });
        _app.MapPost("/v1/resources/{id}/commands/{name}", (string id, string name) =>
        {
            Commands.Enqueue($"{id} {name}");
            return new CommandResultDto(name != "resource-start", name == "resource-start" ? "It runs already." : null);
        });
    }

    private static async Task LineAsync(HttpContext context, string line)
    {
        await context.Response.WriteAsync(line + "\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
