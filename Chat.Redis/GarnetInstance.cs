using System.Globalization;
using Garnet;
using Garnet.common;

namespace Chat.Redis;

/// <summary>One running Garnet: opened with everything its files hold, closed with everything in its files.</summary>
internal sealed class GarnetInstance : IAsyncDisposable
{
    private readonly GarnetServer _server;

    private GarnetInstance(GarnetServer server, int port)
    {
        _server = server;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Keys and values in memory, dead ones included until they are reused.</summary>
    public long MemoryBytes => Metric(InfoMetricsType.MEMORY, "store_mainlog_memory_size");

    /// <summary>First address of the append-only file that counts.</summary>
    public long LogBegin => Metric(InfoMetricsType.PERSISTENCE, "BeginAddress");

    /// <summary>Everything below this address is in the append-only file.</summary>
    public long LogCommitted => Metric(InfoMetricsType.PERSISTENCE, "CommittedUntilAddress");

    /// <summary>Everything below this address is or will be in the append-only file.</summary>
    public long LogTail => Metric(InfoMetricsType.PERSISTENCE, "TailAddress");

    /// <summary>Reads the files and then listens; takes as long as there is data.</summary>
    /// <param name="directory">Absolute path of the generation's files.</param>
    public static async Task<GarnetInstance> OpenAsync(
        RedisServerOptions options, int port, string directory, ILoggerFactory loggers)
    {
        var arguments = GarnetArguments.From(options, port, directory);
        return await Task.Run(() =>
        {
            var server = new GarnetServer(arguments, loggers);
            try
            {
                server.Start();
                return new GarnetInstance(server, port);
            }
            catch
            {
                server.Dispose();
                throw;
            }
        });
    }

    /// <summary>Returns when every write made so far is in the append-only file.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await _server.Store.CommitAOFAsync(cancellationToken);
        await _server.Store.WaitForCommitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await Task.Run(_server.Dispose);

    private long Metric(InfoMetricsType type, string name)
    {
        var item = Array.Find(_server.Metrics.GetInfoMetrics(type), item => item.Name == name);
        return long.Parse(item.Value ?? throw new InvalidOperationException($"Garnet has no metric {name}."), CultureInfo.InvariantCulture);
    }
}
