namespace Chat.Lab;

/// <summary>Leaves out of a schedule whatever is not needed for it to fail (Zeller's ddmin).</summary>
internal static class Shrinking
{
    /// <param name="count">How many deeds there are.</param>
    /// <param name="fails">Whether it still fails with the deeds at these places alone.</param>
    /// <returns>Places of which none can be left out: without any one of them it does not fail.</returns>
    public static async Task<IReadOnlyList<int>> ShrinkAsync(int count, Func<IReadOnlyList<int>, Task<bool>> fails)
    {
        List<int> kept = [.. Enumerable.Range(0, count)];
        for (var size = Math.Max(1, kept.Count / 2); ; size = Math.Max(1, size / 2))
        {
            var shrunk = await PassAsync(kept, size, fails);
            if (size == 1 && !shrunk)
            {
                return kept;
            }
        }
    }

    /// <returns>Whether anything could be left out.</returns>
    private static async Task<bool> PassAsync(List<int> kept, int size, Func<IReadOnlyList<int>, Task<bool>> fails)
    {
        var shrunk = false;
        for (var at = 0; at < kept.Count;)
        {
            int[] without = [.. kept.Take(at), .. kept.Skip(at + size)];
            if (await fails(without))
            {
                kept.RemoveRange(at, Math.Min(size, kept.Count - at));
                shrunk = true;
            }
            else
            {
                at += size;
            }
        }

        return shrunk;
    }
}
