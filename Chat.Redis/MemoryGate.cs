namespace Chat.Redis;

/// <summary>Refuses writes while there is too much in memory, as Redis does with <c>noeviction</c>. One caller at a time.</summary>
internal sealed partial class MemoryGate(RedisServerOptions options, TimeProvider time, ILogger<MemoryGate> logger)
{
    private const long MiB = 1024 * 1024;
    private const int TriesMax = 3;

    private static readonly TimeSpan OrderMax = TimeSpan.FromSeconds(3);

    private bool _isClosed;

    /// <summary>Takes the right to write away above the limit, and gives it back a tenth below it.</summary>
    public async Task UpdateAsync(GarnetInstance instance, CancellationToken cancellationToken)
    {
        var limit = options.MemoryMiBMax * MiB;
        var bytes = instance.MemoryBytes;
        if (!_isClosed && bytes > limit)
        {
            // Deleting stays allowed: it is the way out. So does renewing what is there, as in Redis: a full memory kills no lease.
            await OrderAsync(instance, cancellationToken, "ACL", "SETUSER", "default", "-@write", "+del", "+unlink", "+expire", "+pexpire");
            _isClosed = true;
            LogClosed(bytes / MiB, options.MemoryMiBMax);
        }
        else if (_isClosed && bytes < limit / 10 * 9)
        {
            await OrderAsync(instance, cancellationToken, "ACL", "SETUSER", "default", "+@write");
            _isClosed = false;
            LogOpened(bytes / MiB);
        }
    }

    /// <summary>Prepares a server that has just opened: checkpoints would cut the append-only file behind our back.</summary>
    public async Task ResetAsync(GarnetInstance instance, CancellationToken cancellationToken)
    {
        _isClosed = false;
        await OrderAsync(instance, cancellationToken, "ACL", "SETUSER", "default", "-save", "-bgsave");
    }

    /// <summary>Each order may be given again: giving it twice is giving it once. Seen once: a server just opened that took a connection and never answered on it.</summary>
    private async Task OrderAsync(GarnetInstance instance, CancellationToken cancellationToken, params string[] command)
    {
        for (var tries = 1; ; tries++)
        {
            using var limit = new CancellationTokenSource(OrderMax, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                await OrderOnceAsync(instance, command, either.Token);
                return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                if (tries == TriesMax)
                {
                    throw new InvalidOperationException($"Garnet did not answer {command[0]} {command[1]} in {TriesMax} tries of {OrderMax.TotalSeconds} s.");
                }
            }
        }
    }

    private static async Task OrderOnceAsync(GarnetInstance instance, string[] command, CancellationToken cancellationToken)
    {
        using var connection = await RespConnection.OpenAsync(instance.Port, cancellationToken);
        var answer = await connection.CallAsync(cancellationToken, command);
        if (answer != "OK")
        {
            throw new InvalidOperationException($"Garnet answered {answer} to {command[0]} {command[1]}.");
        }
    }

    [LoggerMessage(LogLevel.Error, "Memory holds {UsedMiB} MiB, more than the limit of {MaxMiB}: writes are refused until there is less")]
    private partial void LogClosed(long usedMiB, int maxMiB);

    [LoggerMessage(LogLevel.Information, "Memory holds {UsedMiB} MiB: writes are accepted again")]
    private partial void LogOpened(long usedMiB);
}
