namespace Chat.Redis.Durability;

/// <summary>
/// Gives a checksum to everything Garnet has finished writing, since Garnet itself starts with less, or with nothing,
/// when its files are cut or missing, and says no word. One caller at a time.
/// </summary>
internal sealed class DataSealer(string directory, SealManifest manifest)
{
    private const long BlockBytes = 1024 * 1024;
    private const long SegmentBytes = GarnetArguments.SegmentMiB * 1024L * 1024;

    /// <summary>Addresses of the append-only file begin behind a header that Garnet may rewrite.</summary>
    private const long FirstAddress = 64;

    /// <summary>Seals what is new and forgets what Garnet has let go of.</summary>
    /// <param name="begin">First address of the append-only file that still counts.</param>
    /// <param name="committed">First address that may still change.</param>
    /// <returns>The manifest that is on the disk now.</returns>
    public SealManifest Seal(long begin, long committed)
    {
        var known = manifest.Seals.ToDictionary(seal => (seal.File, seal.Offset));
        var seals = Blocks(begin, committed).Select(block => Known(known, block) ?? TrySeal(block)).OfType<Seal>().ToList();
        if (seals.SequenceEqual(manifest.Seals))
        {
            return manifest;
        }

        var next = manifest with { Seals = seals };
        next.Write(directory);
        return next;
    }

    private IEnumerable<Seal> Blocks(long begin, long committed)
    {
        for (var block = begin / BlockBytes * BlockBytes; block < committed; block += BlockBytes)
        {
            var start = Math.Max(block, FirstAddress);
            var length = Math.Min(block + BlockBytes, committed) - start;
            if (length > 0)
            {
                var file = DataFiles.Segment(manifest.Generation, block / SegmentBytes);
                yield return new Seal(file, start % SegmentBytes, length, Hash: "");
            }
        }
    }

    private static Seal? Known(Dictionary<(string File, long Offset), Seal> seals, Seal block) =>
        seals.TryGetValue((block.File, block.Offset), out var seal) && seal.Length == block.Length ? seal : null;

    private Seal? TrySeal(Seal block)
    {
        try
        {
            return block with { Hash = DataFiles.Hash(Path.Combine(directory, block.File), block.Offset, block.Length) };
        }
        catch (Exception exception) when (exception is FileNotFoundException or EndOfStreamException)
        {
            // Not yet in the file: the next pass knows more.
            return null;
        }
    }
}
