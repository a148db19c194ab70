namespace Chat.Redis.Durability;

/// <summary>Compares the data with its seals before Garnet opens it. Changes nothing that holds data.</summary>
internal static class DataCheck
{
    /// <returns>The manifest to go on from.</returns>
    /// <exception cref="StartupException">Something sealed is missing or changed; the message says where.</exception>
    public static SealManifest Verify(string directory, int pageMiB)
    {
        var manifest = SealManifest.Read(directory);
        if (manifest is null)
        {
            return DataFiles.Generations(directory).Any()
                ? throw Damaged(directory, $"{SealManifest.FileName} is missing")
                : new SealManifest(pageMiB, Generation: 1, RewrittenBytes: 0, []);
        }

        if (manifest.PageMiB != pageMiB)
        {
            throw new StartupException(
                $"The data in {directory} was written with {RedisServerOptions.Section}:PageMiB {manifest.PageMiB} and not {pageMiB}: "
                + "set it back, or name another directory.");
        }

        var problem = manifest.Seals.AsParallel().AsOrdered().Select(seal => Problem(directory, seal)).FirstOrDefault(found => found is not null);
        return problem is null ? manifest : throw Damaged(directory, problem);
    }

    private static string? Problem(string directory, Seal seal)
    {
        var path = Path.Combine(directory, seal.File);
        var end = seal.Offset + seal.Length;
        if (!File.Exists(path))
        {
            return $"{seal.File} is missing";
        }

        try
        {
            return DataFiles.Hash(path, seal.Offset, seal.Length) == seal.Hash
                ? null
                : $"{seal.File} has changed between bytes {seal.Offset} and {end}";
        }
        catch (EndOfStreamException)
        {
            return $"{seal.File} ends before byte {end}";
        }
    }

    private static StartupException Damaged(string directory, string where) => new(
        $"The data in {directory} is damaged: {where}; nothing was changed, so restore a copy or name another directory.");
}
