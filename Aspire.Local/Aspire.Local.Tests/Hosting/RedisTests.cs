using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Aspire.Local.Hosting.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using Xunit;

namespace Aspire.Local.Tests.Hosting;

public sealed class RedisTests
{
    private static readonly bool Installed = Programs.Find("redis-server", ".", Environment.GetEnvironmentVariable("PATH")) is not null;

    /// <summary>On a machine with redis-server it runs and a client gets in; on one without, the message names the ways out.</summary>
    [Fact]
    public async Task Server_runs_with_a_password_or_says_what_to_install()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddRedis("redis"));
        if (!Installed)
        {
            var failed = await app.WaitAsync("redis", KnownResourceStates.FailedToStart);
            Assert.Contains("Install redis-server, or give a connection string", failed.Problem(), StringComparison.Ordinal);
            return;
        }

        await app.Notifications.WaitForResourceHealthyAsync("redis", app.Token);
        var connectionString = await app.Application.GetConnectionStringAsync("redis", app.Token);

        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString!);
        Assert.True(await connection.GetDatabase().StringSetAsync("key", "value"));
        await using var stranger = await ConnectionMultiplexer.ConnectAsync(connectionString!.Split(',')[0] + ",abortConnect=false");
        await Assert.ThrowsAnyAsync<RedisException>(() => stranger.GetDatabase().PingAsync());
        Assert.DoesNotContain(
            connectionString.Split("password=")[1], await File.ReadAllTextAsync($"/proc/{app.Instances("redis")[0].ProcessId()}/cmdline"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_starts_while_redis_is_away_and_says_so_in_its_health()
    {
        var builder = NewBuilder(("ConnectionStrings:redis", "localhost:1,connectTimeout=200,asyncTimeout=300"));
        builder.AddRedisClient("redis");
        using var host = builder.Build();

        var connection = host.Services.GetRequiredService<IConnectionMultiplexer>();
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.False(connection.IsConnected);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["StackExchange.Redis"].Status);
    }

    [Fact]
    public void Missing_connection_string_is_named()
    {
        var builder = NewBuilder();
        builder.AddRedisClient("redis", settings => settings.DisableHealthChecks = true);
        using var host = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<IConnectionMultiplexer>());

        Assert.Contains("ConnectionStrings:redis", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Callers_settings_and_options_win()
    {
        var builder = NewBuilder(("ConnectionStrings:redis", "localhost:1,connectTimeout=100"), ("Aspire:StackExchange:Redis:DisableHealthChecks", "true"));
        ConfigurationOptions? seen = null;
        builder.AddRedisClient("redis", settings => settings.ConnectionString += ",name=ada", options => (seen = options).ClientName += "!");
        using var host = builder.Build();

        host.Services.GetRequiredService<IConnectionMultiplexer>().Dispose();

        Assert.Equal("ada!", seen!.ClientName);
        Assert.Null(host.Services.GetService<HealthCheckService>());
    }

    private static HostApplicationBuilder NewBuilder(params (string Key, string Value)[] configuration)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(configuration.ToDictionary(entry => entry.Key, entry => (string?)entry.Value));
        builder.Services.AddLogging();
        return builder;
    }
}
