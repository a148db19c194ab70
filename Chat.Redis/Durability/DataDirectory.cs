namespace Chat.Redis.Durability;

/// <summary>The directory of one server's data, ours alone until disposed.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const string LockName = "lock";
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <exception cref="StartupException">Somebody else uses the directory, or it cannot be written.</exception>
    public static DataDirectory Take(string directory)
    {
        var path = System.IO.Path.GetFullPath(directory);
        try
        {
            Directory.CreateDirectory(path);
            ProveWritable(path);
            return new DataDirectory(path, Lock(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new StartupException($"The data directory {path} cannot be written: {exception.Message}", exception);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new StartupException(
                $"The data directory {path} is in use by another server: stop it, or set {RedisServerOptions.Section}:DataDirectory.",
                exception);
        }
    }

    private static void ProveWritable(string path)
    {
        var probe = System.IO.Path.Combine(path, $"probe-{Guid.NewGuid():N}");
        File.WriteAllBytes(probe, [1]);
        File.Delete(probe);
    }
}
