using System.Text.Json;

namespace Chat.Redis.Durability;

/// <summary>The checksum of a part of a file that will never change again.</summary>
/// <param name="File">Relative to the data directory.</param>
/// <param name="Hash">SHA-256, hexadecimal.</param>
internal sealed record Seal(string File, long Offset, long Length, string Hash);

/// <summary>What must be found in the data directory at the next start.</summary>
/// <param name="PageMiB">Page size the files were written with: with another, Garnet would read nonsense.</param>
/// <param name="Generation">The folder that counts: each rewrite of the append-only file makes the next one.</param>
/// <param name="RewrittenBytes">Size of the generation's file when it was made: what the live data took then.</param>
internal sealed record SealManifest(int PageMiB, int Generation, long RewrittenBytes, IReadOnlyList<Seal> Seals)
{
    public const string FileName = "seals.json";

    /// <returns>Null when the directory has no manifest.</returns>
    /// <exception cref="StartupException">The manifest cannot be read.</exception>
    public static SealManifest? Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var manifest = JsonSerializer.Deserialize<SealManifest>(File.ReadAllBytes(path));
            return manifest is { Generation: > 0, Seals: not null } ? manifest : throw new JsonException("It is incomplete.");
        }
        catch (JsonException exception)
        {
            throw new StartupException($"The data is damaged: {path} cannot be read; nothing was changed.", exception);
        }
    }

    /// <summary>Replaces the manifest as a whole: a kill leaves the old one or the new one.</summary>
    public void Write(string directory)
    {
        var path = Path.Combine(directory, FileName);
        var next = path + ".next";
        using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, this);
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
