namespace Chat.Lab;

/// <summary>Random numbers that follow from one seed: each thing that is decided has numbers of its own, so that one more choice changes no other.</summary>
internal static class Seeds
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <param name="what">What they decide: <c>victim</c>.</param>
    public static Random For(int seed, string what) => new(Mix(seed, what));

    /// <summary>A number for a program that takes a seed.</summary>
    public static int Mix(int seed, string what)
    {
        // FNV-1a: the same on every machine and in every version, as hash codes are not.
        var hash = Offset;
        foreach (var part in what.Select(letter => (ulong)letter).Prepend((uint)seed))
        {
            hash = (hash ^ part) * Prime;
        }

        return (int)(((hash >> 32) ^ hash) & int.MaxValue);
    }

    /// <summary>The seed of one of several runs: the first is the seed itself, so that one run alone is the first of many.</summary>
    public static int Of(int seed, int run) => run == 0 ? seed : Mix(seed, $"run {run}");

    /// <summary>For callers on any thread.</summary>
    public static Func<double> Shared(int seed, string what)
    {
        var (random, gate) = (For(seed, what), new Lock());
        return () =>
        {
            lock (gate)
            {
                return random.NextDouble();
            }
        };
    }
}
