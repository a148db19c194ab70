using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class OtlpConfigurationExtensions
{
    /// <summary>Tells the program where to send its traces, metrics and logs, and under which name.</summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        var configuration = builder.ApplicationBuilder.Configuration;
        var development = builder.ApplicationBuilder.Environment.EnvironmentName == "Development";
        return builder.WithEnvironment(context =>
        {
            var variables = context.EnvironmentVariables;
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = OtlpTarget.Url;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = OtlpTarget.Protocol;
            variables["OTEL_SERVICE_NAME"] = context.Resource.Name;
            variables["OTEL_RESOURCE_ATTRIBUTES"] = InstanceId.ResourceAttributes;
            if (configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key)
            {
                variables["OTEL_EXPORTER_OTLP_HEADERS"] = new SecretText($"x-otlp-api-key={key}");
            }

            if (development)
            {
                SetQuickExport(variables);
            }
        });
    }

    /// <summary>Everything is kept and sent within a second: a person is watching.</summary>
    private static void SetQuickExport(Dictionary<string, object> variables)
    {
        const string DelayMs = "1000";
        variables["OTEL_BLRP_SCHEDULE_DELAY"] = DelayMs;
        variables["OTEL_BSP_SCHEDULE_DELAY"] = DelayMs;
        variables["OTEL_METRIC_EXPORT_INTERVAL"] = DelayMs;
        variables["OTEL_TRACES_SAMPLER"] = "always_on";
        variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
    }
}
