using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

public static class AspireRedisExtensions
{
    private const string SettingsSection = "Aspire:StackExchange:Redis";
    private const string TracingSource = "OpenTelemetry.Instrumentation.StackExchangeRedis";
    private const string HealthCheckName = "StackExchange.Redis";

    /// <summary>Registers an <see cref="IConnectionMultiplexer"/>, connected when first asked for, with a health check and tracing.</summary>
    /// <param name="connectionName">Names <c>ConnectionStrings:name</c>, and the section of the settings that are for this connection only.</param>
    /// <param name="configureSettings">Called last: it wins over the configuration.</param>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var settings = ReadSettings(builder.Configuration, connectionName, configureSettings);
        builder.Services.AddSingleton<IConnectionMultiplexer>(provider =>
            Connect(builder.Configuration, settings, connectionName, configureOptions, provider.GetService<ILoggerFactory>()));
        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(TracingSource));
        }

        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                HealthCheckName, provider => new RedisHealthCheck(provider), failureStatus: null, tags: null));
        }
    }

    private static StackExchangeRedisSettings ReadSettings(
        IConfiguration configuration, string connectionName, Action<StackExchangeRedisSettings>? configure)
    {
        var settings = new StackExchangeRedisSettings();
        var section = configuration.GetSection(SettingsSection);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        if (configuration.GetConnectionString(connectionName) is { Length: > 0 } connectionString)
        {
            settings.ConnectionString = connectionString;
        }

        configure?.Invoke(settings);
        return settings;
    }

    /// <remarks>A service starts while Redis is away, unless the connection string says otherwise.</remarks>
    private static ConnectionMultiplexer Connect(
        IConfiguration configuration,
        StackExchangeRedisSettings settings,
        string connectionName,
        Action<ConfigurationOptions>? configure,
        ILoggerFactory? loggers)
    {
        if (string.IsNullOrEmpty(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"There is no Redis to connect to: set 'ConnectionStrings:{connectionName}', or 'ConnectionString' in '{SettingsSection}' or '{SettingsSection}:{connectionName}'.");
        }

        var options = ConfigurationOptions.Parse(settings.ConnectionString);
        options.AbortOnConnectFail = settings.ConnectionString.Contains("abortConnect=true", StringComparison.OrdinalIgnoreCase);
        options.LoggerFactory = loggers;
        var section = configuration.GetSection(SettingsSection);
        section.GetSection(nameof(ConfigurationOptions)).Bind(options);
        section.GetSection(connectionName).GetSection(nameof(ConfigurationOptions)).Bind(options);
        configure?.Invoke(options);
        return ConnectionMultiplexer.Connect(options);
    }
}
