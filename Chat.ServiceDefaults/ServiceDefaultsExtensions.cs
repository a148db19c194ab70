using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service here has: telemetry over OTLP, health endpoints, service discovery.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Checks with this tag decide readiness: whether the instance should get traffic.</summary>
    public const string ReadyTag = "ready";

    public const string LivePath = "/health/live";

    public const string ReadyPath = "/health/ready";

    /// <param name="source">Name of the service's own ActivitySource and Meter.</param>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder, string source)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddTelemetry(source);
        builder.Services.AddHealthChecks();
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        return builder;
    }

    /// <summary>Maps liveness (the process answers) and readiness (every check tagged <see cref="ReadyTag"/> passes).</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(LivePath, new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks(ReadyPath, new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(ReadyTag),
            ResponseWriter = (context, report) => context.Response.WriteAsync(Reason(report), context.RequestAborted),
        });
        return app;
    }

    /// <summary>Healthy, or what is wrong in the words of those checks that say it.</summary>
    private static string Reason(HealthReport report) => report.Status == HealthStatus.Healthy
        ? nameof(HealthStatus.Healthy)
        : string.Join(' ', report.Entries.Values.Where(entry => entry.Status != HealthStatus.Healthy).Select(entry => entry.Description));

    private static void AddTelemetry<TBuilder>(this TBuilder builder, string source)
        where TBuilder : IHostApplicationBuilder
    {
        // Without somebody to send it to, nothing is recorded: a span that nobody reads costs as much as one that is read.
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        SetDefaults(builder.Configuration);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(source))
            .WithTracing(tracing => tracing
                .AddSource(source)
                .AddAspNetCoreInstrumentation(options => options.Filter = IsWorthATrace)
                .AddHttpClientInstrumentation())
            .UseOtlpExporter();
    }

    /// <summary>What OpenTelemetry's own variables may still change.</summary>
    private static void SetDefaults(IConfiguration configuration)
    {
        // A service that stops sends what it has: without a limit of its own it would wait ten seconds for a dashboard that is gone.
        configuration["OTEL_EXPORTER_OTLP_TIMEOUT"] ??= "1000";

        // A histogram's measurement that belongs to a recorded trace keeps the trace's id.
        configuration["OTEL_METRICS_EXEMPLAR_FILTER"] ??= "trace_based";
    }

    // Probes come every second for ever and say nothing; an upgraded request lasts as long as its connection.
    private static bool IsWorthATrace(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
        && context.Request.Headers.Upgrade.Count == 0;
}
