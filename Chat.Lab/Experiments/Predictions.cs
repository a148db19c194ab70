namespace Chat.Lab.Experiments;

/// <summary>Shares that several predictions are made of. N nodes hold equal parts of the clients, and everybody writes as much.</summary>
internal static class Predictions
{
    /// <summary>What a client library needs at least to find a connection broken and make it anew, on top of the cut itself.</summary>
    public const double RedisReconnectSeconds = 0.5;

    /// <summary>Seconds of load after the experiment's own steps.</summary>
    public const double TailSeconds = 2;

    /// <summary>All deliveries that go from one node to another: (N − 1)/N.</summary>
    public static double Crossing(Setting setting) => (setting.Plan.Nodes - 1.0) / setting.Plan.Nodes;

    public static Guess Nothing(string reason) => new(0, 0, reason);

    /// <summary>A part of the load's time, in percent of all deliveries.</summary>
    public static Guess During(double seconds, double total, double share, string reason)
    {
        var value = 100 * share * Math.Min(1, seconds / total);

        // Nothing at all is never as predicted.
        return new Guess(value, Math.Min(Math.Max(3, value * 0.6), value * 0.9), reason);
    }
}
