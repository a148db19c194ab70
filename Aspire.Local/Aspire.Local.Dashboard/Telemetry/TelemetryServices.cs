using Aspire.Local.Dashboard.Telemetry.Logs;
using Aspire.Local.Dashboard.Telemetry.Metrics;
using Aspire.Local.Dashboard.Telemetry.Otlp;
using Aspire.Local.Dashboard.Telemetry.Traces;

namespace Aspire.Local.Dashboard.Telemetry;

internal static class TelemetryServices
{
    public static IServiceCollection AddTelemetryStores(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TelemetryLimits>()
            .Bind(configuration.GetSection(TelemetryLimits.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<StringPool>();
        services.AddSingleton<InstanceRegistry>();
        services.AddSingleton<TraceStore>();
        services.AddSingleton<LogStore>();
        services.AddSingleton<MetricStore>();
        services.AddSingleton<AttributeReader>();
        services.AddSingleton<TraceDecoder>();
        services.AddSingleton<LogDecoder>();
        services.AddSingleton<MetricDecoder>();
        services.AddSingleton<MetricIntake>();
        services.AddSingleton<TelemetryIntake>();
        services.AddSingleton<OtlpReceiver>();
        return services;
    }
}
