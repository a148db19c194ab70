namespace Chat.Lab.Reporting;

/// <summary>A column of the matrix: what a reader should know of a strategy before the first number.</summary>
/// <param name="Words">How it carries a message to the other nodes, in at most six words.</param>
internal sealed record StrategyColumn(string Name, string Words)
{
    /// <summary>From the one that coordinates nothing to the one that is meant to be used.</summary>
    public static readonly IReadOnlyList<StrategyColumn> All =
    [
        new("local", "a map in each node’s memory"),
        new("local-first", "deliver here, then publish"),
        new("pubsub", "all through pub/sub, nothing kept"),
        new("split", "number, then publish: two steps"),
        new("streams", "nodes poll Redis Streams"),
        new("log", "number, store, publish: one step"),
    ];

    public static StrategyColumn Find(string name) => All.FirstOrDefault(column => column.Name == name) ?? new StrategyColumn(name, "");

    /// <returns>Its place from the left; behind all others where it is not known here.</returns>
    public static int Rank(string name)
    {
        var rank = 0;
        while (rank < All.Count && All[rank].Name != name)
        {
            rank++;
        }

        return rank;
    }
}
