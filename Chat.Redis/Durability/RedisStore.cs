using System.Net;
using System.Net.Sockets;

namespace Chat.Redis.Durability;

/// <summary>The data directory and what opens it. One caller at a time.</summary>
internal sealed partial class RedisStore(RedisServerOptions options, ILoggerFactory loggers, ILogger<RedisStore> logger) : IDisposable
{
    private DataDirectory? _directory;
    private SealManifest? _manifest;

    public string Path => Directory.Path;

    private DataDirectory Directory => _directory ?? throw new InvalidOperationException("The store is not prepared.");

    private SealManifest Manifest => _manifest ?? throw new InvalidOperationException("The store is not prepared.");

    /// <summary>Takes the directory and proves that its data is whole, before anything is opened.</summary>
    /// <exception cref="StartupException">It cannot be used as it is; the message says why.</exception>
    public void Prepare()
    {
        _directory = DataDirectory.Take(options.DataDirectory);
        _manifest = DataCheck.Verify(Path, options.PageMiB);
        _manifest.Write(Path);
        DeleteOtherGenerations();
    }

    /// <summary>Opens the data on a port; first rewrites it when it is due.</summary>
    public async Task<GarnetInstance> OpenAsync(int port, CancellationToken cancellationToken)
    {
        var folder = new DirectoryInfo(Folder(Manifest.Generation));
        var bytes = folder.Exists ? folder.EnumerateFiles("aof.log.*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;
        if (IsDue(bytes, options.RewriteAtStartMiB))
        {
            await RewriteAsync(bytes, cancellationToken);
        }

        return await GarnetInstance.OpenAsync(options, port, Folder(Manifest.Generation), loggers);
    }

    /// <returns>True when the append-only file has grown too big, and holds mostly what is gone: close and open again.</returns>
    public bool IsRewriteDue(GarnetInstance instance) => IsDue(instance.LogTail - instance.LogBegin, options.AppendOnlyFileMiBMax);

    /// <summary>Gives a checksum to what has become final in an open instance's files.</summary>
    public void Seal(GarnetInstance instance) => _manifest = new DataSealer(Path, Manifest).Seal(instance.LogBegin, instance.LogCommitted);

    public void Dispose() => _directory?.Dispose();

    private async Task RewriteAsync(long bytes, CancellationToken cancellationToken)
    {
        LogRewriting(Path, bytes);
        var next = Manifest.Generation + 1;
        await using (var from = await GarnetInstance.OpenAsync(options, FreePort(), Folder(Manifest.Generation), loggers))
        await using (var to = await GarnetInstance.OpenAsync(options, FreePort(), Folder(next), loggers))
        {
            await KeyCopy.RunAsync(from.Port, to.Port, cancellationToken);
            await to.CommitAsync(cancellationToken);
            var rewritten = to.LogCommitted - to.LogBegin;
            LogRewritten(Path, rewritten);
            var manifest = new SealManifest(options.PageMiB, next, rewritten, []);
            _manifest = new DataSealer(Path, manifest).Seal(to.LogBegin, to.LogCommitted);
        }

        DeleteOtherGenerations();
    }

    /// <summary>The manifest names the one that counts: others are halves of an interrupted rewrite, or its source.</summary>
    private void DeleteOtherGenerations()
    {
        var current = DataFiles.Generation(Manifest.Generation);
        foreach (var folder in DataFiles.Generations(Path).Where(folder => folder != current))
        {
            System.IO.Directory.Delete(System.IO.Path.Combine(Path, folder), recursive: true);
        }
    }

    private bool IsDue(long bytes, int limitMiB) => bytes > limitMiB * 1024L * 1024 && bytes > 2 * Manifest.RewrittenBytes;

    private string Folder(int generation) => System.IO.Path.Combine(Path, DataFiles.Generation(generation));

    /// <returns>A loopback port that nothing listens on now.</returns>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LoggerMessage(LogLevel.Information, "Rewriting the append-only file in {Directory}: it has grown to {Bytes} bytes")]
    private partial void LogRewriting(string directory, long bytes);

    [LoggerMessage(LogLevel.Information, "Rewrote the append-only file in {Directory}: {Bytes} bytes are left")]
    private partial void LogRewritten(string directory, long bytes);
}
