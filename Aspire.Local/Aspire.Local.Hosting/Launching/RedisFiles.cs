using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Local.Hosting.Launching;

/// <summary>Folder and configuration of a Redis server. The password stands in a file that only its owner reads, not on a command line that everybody sees.</summary>
internal sealed record RedisFiles(string ConfigurationPath, string DataFolder, bool IsTemporary)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static RedisFiles Write(RedisResource redis, int port)
    {
        var kept = redis.Annotations.OfType<DataFolderAnnotation>().LastOrDefault()?.Path;
        var folder = kept is null ? Directory.CreateTempSubdirectory("aspire-local-redis-").FullName : Directory.CreateDirectory(kept).FullName;
        var path = Path.Combine(folder, "redis.conf");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var writer = new StreamWriter(path, options);
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {port}"));
        writer.WriteLine("bind 127.0.0.1 -::1");
        writer.WriteLine("daemonize no");
        writer.WriteLine(Line("dir", folder));
        var snapshot = redis.Annotations.OfType<RedisSnapshotAnnotation>().LastOrDefault();
        writer.WriteLine(snapshot is null
            ? "save \"\""
            : string.Create(CultureInfo.InvariantCulture, $"save {(long)Math.Max(1, snapshot.Interval.TotalSeconds)} {snapshot.KeysChanged}"));
        if (redis.PasswordParameter is { } password)
        {
            writer.WriteLine(Line("requirepass", password.Value));
        }

        return new(path, folder, IsTemporary: kept is null);
    }

    private static string Line(string name, string value) =>
        $"{name} \"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
