using System.Net;
using System.Net.Sockets;
using Chat.Redis.Durability;
using Microsoft.AspNetCore.Connections;

namespace Chat.Redis;

/// <summary>The program: a Redis-compatible server on loopback, and its health over HTTP.</summary>
internal static class RedisServerApp
{
    /// <summary>Runs until told to stop.</summary>
    /// <returns>The exit code: 1 when it could not start or go on, and standard error says why in one sentence.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var app = Build(args);
            var state = app.Services.GetRequiredService<RedisServerState>();
            app.Services.GetRequiredService<RedisStore>().Prepare();
            await app.RunAsync();
            return state.Failure is { } failure ? Fail(failure) : 0;
        }
        catch (StartupException exception)
        {
            return Fail(exception.Message);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            return Fail($"The address for health checks is taken: {exception.Message}");
        }
    }

    /// <exception cref="StartupException">An option cannot be used, or the port is taken.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(ServiceArguments.From(args));
        var options = Read(builder.Configuration);
        RequireFree(options.Port);

        builder.AddServiceDefaults("Chat.Redis");
        QuietDown(builder.Logging);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<RedisServerRuntime>();
        builder.Services.AddSingleton<RedisServerState>();
        builder.Services.AddSingleton<RedisStore>();
        builder.Services.AddSingleton<MemoryGate>();
        builder.Services.AddHostedService<RedisServerService>();
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis", tags: [ServiceDefaultsExtensions.ReadyTag]);

        var app = builder.Build();
        app.MapDefaultEndpoints();
        return app;
    }

    /// <summary>Garnet logs under many names, and at Information dozens of lines a start: only our own are let through.</summary>
    private static void QuietDown(ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter(null, LogLevel.Warning)
        .AddFilter("Chat", LogLevel.Information)
        .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information)
        .AddFilter("ArgParser", LogLevel.Error)
        // Not being ready while data is read is no error; and RunAsync says in a sentence why the host did not start.
        .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

    private static RedisServerOptions Read(ConfigurationManager configuration)
    {
        try
        {
            var options = configuration.GetSection(RedisServerOptions.Section).Get<RedisServerOptions>() ?? new RedisServerOptions();
            return options.Problems().FirstOrDefault() is { } problem ? throw new StartupException(problem) : options;
        }
        catch (InvalidOperationException exception)
        {
            throw new StartupException(exception.Message, exception);
        }
    }

    private static void RequireFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
        }
        catch (SocketException exception)
        {
            throw new StartupException(
                $"Port {port} cannot be used ({exception.SocketErrorCode}): stop what listens there, or set {RedisServerOptions.Section}:Port.",
                exception);
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
