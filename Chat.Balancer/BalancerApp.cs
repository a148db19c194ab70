using Chat.Balancer.Administration;
using Chat.Balancer.Admission;
using Chat.Balancer.Cluster;
using Chat.Balancer.Destinations;
using Chat.Balancer.Listening;
using Chat.Balancer.Picking;
using Chat.Balancer.Probing;
using Chat.Balancer.Relaying;
using Chat.Balancer.Shedding;
using Chat.Balancer.Status;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Balancer;

/// <summary>The balancer as a host: for <c>Program</c>, and for tests that run several in one process.</summary>
internal static class BalancerApp
{
    /// <summary>What the host may take on top of the drain time to stop.</summary>
    private static readonly TimeSpan StopSlack = TimeSpan.FromSeconds(5);

    public static IHost Build(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = ServiceArguments.From(args),
            EnvironmentName = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT"),
        });
        builder.AddServiceDefaults(BalancerTelemetry.Name);
        if (string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString("redis")))
        {
            throw new OptionsValidationException("redis", typeof(string), ["ConnectionStrings:redis is not set: it names the Redis of all nodes and balancers, host:port."]);
        }

        // It asks for the nodes' leases all the time: a span for each would be most of what anyone sees.
        builder.AddRedisClient("redis", settings => settings.DisableTracing = true, redis =>
        {
            // The balancer starts and goes on without Redis, and asks again soon: nothing is worth queueing.
            redis.AbortOnConnectFail = false;
            redis.BacklogPolicy = BacklogPolicy.FailFast;
        });
        AddOptions(builder);
        AddServices(builder.Services);
        return builder.Build();
    }

    private static void AddOptions(HostApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(BalancerOptions.Section);
        if (section["Urls"] is null)
        {
            section["Urls"] = builder.Configuration["urls"] ?? builder.Configuration["ASPNETCORE_URLS"];
        }

        builder.Services.AddOptions<BalancerOptions>().Bind(section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<BalancerOptions>, BalancerOptionsValidator>();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<BalancerOptions>>((host, balancer) =>
            host.ShutdownTimeout = TimeSpan.FromSeconds(balancer.Value.LameDuckSeconds + balancer.Value.DrainSeconds) + StopSlack);
    }

    private static void AddServices(IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(Random.Shared);
        services.AddSingleton<PickRandom>();
        services.AddMetrics();
        services.AddSingleton<BalancerTelemetry>();
        services.AddSingleton<BalancerEvents>();
        services.AddSingleton<BalancerState>();
        services.AddSingleton<DestinationTable>();
        services.AddSingleton<DestinationNews>();
        services.AddSingleton(provider => PickPolicies.Create(
            provider.GetRequiredService<IOptions<BalancerOptions>>().Value, provider.GetRequiredService<PickRandom>().Source));
        services.AddSingleton<Outliers>();
        services.AddSingleton<SlowStart>();
        services.AddSingleton<Steering>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Picker>(provider, provider.GetRequiredService<PickRandom>().Source));
        services.AddSingleton(DescriptorLimit.OfThisProcess());
        services.AddSingleton<ClientAddresses>();
        services.AddSingleton<ConnectionLimits>();
        services.AddSingleton<NodeSettings>();
        services.AddSingleton<NodeCommands>();
        services.AddSingleton<RefusedPlaces>();
        services.AddSingleton<IWireFactory, LoopWires>();
        services.AddSingleton<IdleUpstreams>();
        services.AddHostedService(provider => provider.GetRequiredService<IdleUpstreams>());
        services.AddSingleton<Connector>();
        services.AddSingleton<StatusReporter>();
        services.AddSingleton<PrometheusPage>();
        services.AddSingleton<AccessLog>();
        services.AddSingleton<TlsQueue>();
        services.AddSingleton<EventStream>();
        services.AddSingleton<LocalEndpoints>();
        services.AddSingleton<Relay>();
        services.AddSingleton<Tunnels>();
        services.AddHostedService<LeaseWatcher>();
        services.AddHostedService<Prober>();
        services.AddHostedService<AbandonedTunnels>();
        services.AddSingleton<BalancerRegistry>();
        services.AddSingleton<NodeAsker>();
        services.AddSingleton<Leaving>();
        services.AddHostedService<Shedder>();
        services.AddHostedService(provider => provider.GetRequiredService<Tunnels>());
        services.AddSingleton<ServerCertificate>();
        services.AddSingleton<BalancerServer>();
        services.AddHostedService(provider => provider.GetRequiredService<BalancerServer>());
    }
}
