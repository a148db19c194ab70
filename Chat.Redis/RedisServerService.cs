using Chat.Redis.Durability;

namespace Chat.Redis;

/// <summary>Keeps one Garnet running, watched and sealed, until the program stops.</summary>
internal sealed partial class RedisServerService(
    RedisStore store,
    MemoryGate gate,
    RedisServerState state,
    RedisServerOptions options,
    RedisServerRuntime runtime) : BackgroundService
{
    private static readonly TimeSpan CommitMax = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var port = options.Port == 0 ? RedisStore.FreePort() : options.Port;
            while (!stoppingToken.IsCancellationRequested)
            {
                await ServeAsync(port, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            // Garnet's errors have no common type; whatever it is, the operator gets one sentence, and exit code 1.
            state.Failure = $"The server with data in {store.Path} failed: {exception.Message.ReplaceLineEndings(" ")}";
            LogFailed(runtime.Logger, exception);
            runtime.Lifetime.StopApplication();
        }
    }

    /// <summary>Serves until the append-only file is due for a rewrite, or no new connection gets an answer, or the program stops.</summary>
    private async Task ServeAsync(int port, CancellationToken stoppingToken)
    {
        await using var instance = await store.OpenAsync(port, stoppingToken);
        await gate.ResetAsync(instance, stoppingToken);
        state.Instance = instance;
        LogServing(runtime.Logger, port, store.Path);
        try
        {
            var stall = new CommitStall(options, runtime.Time);
            var watch = new AcceptWatch(port, options, runtime.Time);
            using var timer = new PeriodicTimer(options.WatchPeriod, runtime.Time);
            while (!store.IsRewriteDue(instance))
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                if (await watch.IsDeafAsync(stoppingToken))
                {
                    LogDeaf(runtime.Logger, port);
                    return;
                }

                await gate.UpdateAsync(instance, stoppingToken);
                state.WriteProblem = stall.Check(instance.LogCommitted, instance.LogTail);
                store.Seal(instance);
            }
        }
        finally
        {
            state.Instance = null;
            await CloseAsync(instance);
        }
    }

    private async Task CloseAsync(GarnetInstance instance)
    {
        using var deadline = new CancellationTokenSource(CommitMax, runtime.Time);
        await instance.CommitAsync(deadline.Token);
        store.Seal(instance);
    }

    [LoggerMessage(LogLevel.Information, "Redis protocol on 127.0.0.1:{Port}, data in {Directory}")]
    private static partial void LogServing(ILogger logger, int port, string directory);

    [LoggerMessage(LogLevel.Error, "New connections to 127.0.0.1:{Port} get no answer: the server is closed and opened again with its data")]
    private static partial void LogDeaf(ILogger logger, int port);

    [LoggerMessage(LogLevel.Debug, "The server failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
