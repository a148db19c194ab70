using System.Net;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Running;
using Aspire.Local.ResourceService;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Local.Hosting.Serving;

/// <summary>Serves the dashboard on a loopback port that only those with the key may use.</summary>
internal sealed class ResourceServiceHost(ResourceNotificationService notifications, ResourceLoggerService loggers) : IDisposable
{
    private const int KeyBytes = 32;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopped = new();
    private WebApplication? _app;

    public string Url { get; private set; } = "";

    public string Key { get; } = RandomNumberGenerator.GetHexString(KeyBytes * 2, lowercase: true);

    public async Task StartAsync(Supervisor supervisor, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        _app = builder.Build();
        _app.Use(RequireKeyAsync);
        _app.MapGet("/v1/resources", (RequestDelegate)StreamResourcesAsync);
        _app.MapGet("/v1/resources/{id}/logs", (RequestDelegate)StreamLogsAsync);
        _app.MapPost("/v1/resources/{id}/commands/{name}", (RequestDelegate)(context => ExecuteAsync(context, supervisor)));
        await _app.StartAsync(cancellationToken);
        Url = _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
    }

    public async Task StopAsync()
    {
        await _stopped.CancelAsync();
        if (_app is { } app)
        {
            using var limit = new CancellationTokenSource(StopLimit);
            await app.StopAsync(limit.Token);
            await app.DisposeAsync();
        }
    }

    public void Dispose() => _stopped.Dispose();

    private Task RequireKeyAsync(HttpContext context, RequestDelegate next)
    {
        var given = Encoding.UTF8.GetBytes(context.Request.Headers[ResourceServiceProtocol.KeyHeader].ToString());
        if (CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(Key)))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private Task StreamResourcesAsync(HttpContext context) => LineStream.RunAsync(context, async (stream, token) =>
    {
        var changes = notifications.WatchChanges(out var known, token);
        await stream.WriteAsync(new ResourceChangeDto("snapshot", [.. known.Select(ResourceMapper.Map)], null), ResourceServiceJson.Default.ResourceChangeDto);
        await foreach (var change in changes)
        {
            await stream.WriteAsync(new ResourceChangeDto("upsert", [ResourceMapper.Map(change)], null), ResourceServiceJson.Default.ResourceChangeDto);
        }
    }, _stopped.Token);

    private Task StreamLogsAsync(HttpContext context)
    {
        if (loggers.FindInstance((string)context.Request.RouteValues["id"]!) is not { } log)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return LineStream.RunAsync(context, async (stream, token) =>
        {
            await foreach (var batch in log.WatchAsync(token))
            {
                foreach (var (line, at) in batch)
                {
                    stream.Write(new LogLineDto(line.LineNumber, line.Content, line.IsErrorMessage, at), ResourceServiceJson.Default.LogLineDto);
                }

                await stream.FlushAsync();
            }
        }, _stopped.Token);
    }

    private static async Task ExecuteAsync(HttpContext context, Supervisor supervisor)
    {
        var (id, name) = ((string)context.Request.RouteValues["id"]!, (string)context.Request.RouteValues["name"]!);
        var problem = await supervisor.ExecuteAsync(id, name, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(
            new CommandResultDto(problem is null, problem), ResourceServiceJson.Default.CommandResultDto, cancellationToken: context.RequestAborted);
    }

    /// <summary>Signals are the application's: this server stops when told.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
