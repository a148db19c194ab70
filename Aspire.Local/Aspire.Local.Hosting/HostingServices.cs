using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Output;
using Aspire.Local.Hosting.Processes;
using Aspire.Local.Hosting.Running;
using Aspire.Local.Hosting.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;

namespace Aspire.Local.Hosting;

/// <summary>Everything an application is run by.</summary>
internal static class HostingServices
{
    private const string GrpcUrlKey = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    private const string HttpUrlKey = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";
    private const string DefaultCollector = "http://localhost:4317";

    /// <summary>Stopping goes in steps, each with its own limit; the host's limit is for what nobody thought of.</summary>
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromMinutes(5);

    public static void Add(DistributedApplicationBuilder builder)
    {
        var services = builder.Services;
        var waitBehavior = builder.Options.DisableDashboard ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable;
        services.AddSingleton(TimeProvider.System);
        services.AddHealthChecks();
        services.AddHttpClient();
        services.AddOptions<SupervisorOptions>().BindConfiguration(SupervisorOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownLimit);
        services.AddSingleton(new DistributedApplicationModel(builder.Resources));
        services.AddSingleton(builder.Eventing);
        services.AddSingleton(builder.ExecutionContext);
        services.AddSingleton(_ => new ResourceLoggerService());
        services.AddSingleton(_ => new ResourceNotificationService(waitBehavior));
        services.AddSingleton(provider => new ResourceCommandService(provider.GetRequiredService<Supervisor>()));
        services.AddSingleton<PortReservations>();
        services.AddSingleton(provider => DashboardAddress.Choose(builder.Configuration, builder.AppHost, provider.GetRequiredService<PortReservations>()));
        services.AddSingleton(provider => NewRun(builder, provider));
        services.AddSingleton<GuardProcess>();
        services.AddSingleton<Leftovers>();
        services.AddSingleton<RunnerServices>();
        services.AddSingleton(provider => new DependencyWaiter(provider.GetRequiredService<ResourceNotificationService>(), waitBehavior));
        services.AddSingleton<RunReporter>();
        services.AddSingleton<ResourceServiceHost>();
        services.AddSingleton<DashboardProcess>();
        services.AddSingleton<Frontend>();
        services.AddSingleton<SupervisorParts>();
        services.AddSingleton<Supervisor>();
        services.AddHostedService(provider => provider.GetRequiredService<Supervisor>());
        AddLogging(builder);
    }

    private static RunContext NewRun(DistributedApplicationBuilder builder, IServiceProvider provider)
    {
        var name = builder.Environment.ApplicationName;
        var run = new RunContext(
            Guid.NewGuid().ToString("N"), name, builder.AppHost, builder.Options, builder.ExecutionContext, new OtlpEndpoint(DefaultCollector, "grpc"));
        return builder.Configuration[GrpcUrlKey] is { Length: > 0 } grpc ? run with { Otlp = new(grpc, "grpc") }
            : builder.Configuration[HttpUrlKey] is { Length: > 0 } http ? run with { Otlp = new(http, "http/protobuf") }
            : run.DashboardEnabled ? run with { Otlp = new(provider.GetRequiredService<DashboardAddress>().OtlpUrl, "http/protobuf") }
            : run;
    }

    /// <summary>One line an event; a test hears of trouble only.</summary>
    private static void AddLogging(DistributedApplicationBuilder builder)
    {
        builder.Host.Logging.AddConsole(options => options.FormatterName = RunConsoleFormatter.FormatterName)
            .AddConsoleFormatter<RunConsoleFormatter, ConsoleFormatterOptions>();
        builder.Host.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Host.Logging.AddFilter("System", LogLevel.Warning);
        builder.Host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Host.Logging.AddFilter("Aspire", builder.Options.RandomizePorts ? LogLevel.Warning : LogLevel.Information);
    }
}
