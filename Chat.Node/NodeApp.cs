using Chat.Node.Access;
using Chat.Node.Admission;
using Chat.Node.Api;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Node.Connections;
using Chat.Node.Control;
using Chat.Node.Draining;
using Chat.Node.Presence;
using Chat.Node.Rooms;
using Chat.Node.Signals;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace Chat.Node;

/// <summary>Puts a node together.</summary>
internal static class NodeApp
{
    /// <summary>Runs until told to stop.</summary>
    /// <param name="change">Comes last, and puts services and settings in place of the node's own: for programs that are a node but for something.</param>
    /// <returns>The exit code: 1 when it could not start, and standard error says why in one sentence.</returns>
    public static async Task<int> RunAsync(string[] args, Action<WebApplicationBuilder>? change = null)
    {
        try
        {
            await using var app = Build(args, change);
            try
            {
                await app.RunAsync();
            }
            catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Told to stop while it was still starting.
            }

            return 0;
        }
        catch (OptionsValidationException exception)
        {
            return Fail(exception.Message);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            return Fail(exception.Message);
        }
    }

    /// <inheritdoc cref="RunAsync"/>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? change = null)
    {
        var builder = WebApplication.CreateBuilder(ServiceArguments.From(args));
        builder.AddServiceDefaults(Tracing.SourceName);
        builder.Services.AddOptions<NodeOptions>()
            .BindConfiguration(NodeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<NodeOptions>, NodeOptionsValidator>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(NodeIdentity.FromConfiguration(builder.Configuration));
        builder.Services.AddSingleton<NodeMetrics>();
        AddBackplane(builder);
        AddConnections(builder);
        AddPeople(builder);
        AddLife(builder);
        change?.Invoke(builder);
        return Map(builder.Build());
    }

    private static int Fail(string why)
    {
        Console.Error.WriteLine($"Chat.Node cannot start: {why}");
        return 1;
    }

    private static void AddBackplane(WebApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString("redis")))
        {
            throw new OptionsValidationException("redis", typeof(string), ["ConnectionStrings:redis is not set: it names the Redis of all nodes and balancers, host:port."]);
        }

        // Our own spans say what a message does; one for every command would bury them.
        var endpoints = new RedisEndpoints();
        builder.AddRedisClient("redis", settings => settings.DisableTracing = true, options =>
        {
            RedisConnection.Configure(options);
            endpoints.Remember(options);
        });
        builder.Services.AddSingleton(endpoints);
        builder.Services.AddBackplane();
    }

    private static void AddConnections(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TokenService>();
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<IOptions<NodeOptions>>((cors, options) => cors.AddDefaultPolicy(
            policy => policy.WithOrigins(options.Value.ApiOrigins).WithHeaders("Authorization", "Content-Type").WithMethods("GET", "POST", "PUT", "DELETE")));
        builder.Services.AddSingleton<SendBudget>();
        builder.Services.AddSingleton<ReadBudget>();
        builder.Services.AddSingleton<OriginPolicy>();
        builder.Services.AddSingleton<RoomDirectory>();
        builder.Services.AddSingleton<ConnectionTable>();
        builder.Services.AddSingleton<ConnectionServices>();
        builder.Services.AddSingleton<MessageSender>();
        builder.Services.AddSingleton<TokenRefresh>();
        builder.Services.AddSingleton<FrameHandler>();
        builder.Services.AddSingleton<ConnectionHost>();
        builder.Services.AddSingleton<NodeLoops>();
        builder.Services.AddSingleton<IConnectionListenerFactory, WebSocketTransport>();
        builder.Services.AddHostedService<Heartbeat>();
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            var options = kestrel.ApplicationServices.GetRequiredService<IOptions<NodeOptions>>().Value;
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestHeadersTotalSize = options.HandshakeBytesMax;
            kestrel.Limits.RequestHeadersTimeout = options.HandshakeTimeout;
            kestrel.Limits.MaxRequestBodySize = options.FrameBytesMax;
        });
    }

    private static void AddPeople(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PeopleStore>();
        builder.Services.AddSingleton<PresenceServices>();
        builder.Services.AddSingleton<PresenceRooms>();
        builder.Services.AddSingleton<NodeWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeWatch>());
        builder.Services.AddSingleton<UserConnections>();
        builder.Services.AddHostedService(services => services.GetRequiredService<UserConnections>());
        builder.Services.AddSingleton<Invitations>();
        builder.Services.AddSingleton<Kicks>();
        builder.Services.AddSingleton<Revocations>();
        builder.Services.AddSingleton<Blocks>();
        builder.Services.AddHostedService<ControlChannel>();
    }

    private static void AddLife(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<NodeStatus>();
        builder.Services.AddSingleton<AdvertisedAddress>();
        builder.Services.AddSingleton<LeaseContent>();
        builder.Services.AddHostedService<LeaseKeeper>();
        builder.Services.AddHostedService<ClusterHealth>();
        builder.Services.AddHostedService<Drainer>();
        builder.Services.AddHostedService<Shedder>();
        builder.Services.AddHealthChecks().AddCheck<NodeReadiness>("node", tags: [ServiceDefaultsExtensions.ReadyTag]);
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<NodeOptions>>(
            (host, options) => host.ShutdownTimeout = options.Value.DrainTimeout + TimeSpan.FromSeconds(5));
    }

    private static WebApplication Map(WebApplication app)
    {
        app.MapDefaultEndpoints();
        app.UseCors();
        var api = app.MapGroup("/api").AddEndpointFilter(Unavailability.FilterAsync);
        api.MapPost("/login", LoginEndpoint.Handle);
        api.MapGet("/rooms", RoomEndpoints.ListAsync);
        api.MapGet("/rooms/{room}/messages", RoomEndpoints.ReadAsync);
        api.MapGet("/blocks", BlockEndpoints.ListAsync);
        api.MapPut("/blocks/{user}", BlockEndpoints.AddAsync);
        api.MapDelete("/blocks/{user}", BlockEndpoints.RemoveAsync);
        api.MapPost("/admin/kick", AdminEndpoints.KickAsync);
        api.MapPost("/admin/revoke", AdminEndpoints.RevokeAsync);
        api.MapPost("/admin/pardon", AdminEndpoints.PardonAsync);
        app.Map(Handshake.Path, WebSocketEndpoint.HandleAsync);
        return app;
    }
}
