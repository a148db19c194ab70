using System.Globalization;
using System.Security.Cryptography;

namespace Chat.Redis.Durability;

/// <summary>Where the data is, below the data directory.</summary>
internal static class DataFiles
{
    private const string GenerationPrefix = "generation-";

    /// <summary>Folder of one generation, relative. Garnet makes its own folders in it.</summary>
    public static string Generation(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{GenerationPrefix}{number}");

    /// <summary>One file of a generation's append-only log, relative.</summary>
    public static string Segment(int generation, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Generation(generation)}/AOF/aof.log.{number}");

    public static IEnumerable<string> Generations(string directory) =>
        Directory.EnumerateDirectories(directory, GenerationPrefix + "*").Select(path => Path.GetFileName(path));

    /// <exception cref="EndOfStreamException">The file ends before the range does.</exception>
    public static string Hash(string path, long offset, long length)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Math.Min(length, 256 * 1024)];
        stream.Position = offset;
        for (var left = length; left > 0;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            stream.ReadExactly(part);
            hash.AppendData(part);
            left -= part.Length;
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
