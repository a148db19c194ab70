namespace Chat.Balancer.Shedding;

/// <summary>
/// Keeps shedding from going round in circles. When a node was asked and its surplus has not shrunk by the next look, the clients came
/// straight back, or it does not listen: it is then left alone for longer and longer.
/// </summary>
/// <param name="roundsMax">The longest pause, in rounds.</param>
internal sealed class ShedBackoff(int roundsMax)
{
    private readonly Dictionary<string, Attempt> _attempts = [];

    /// <summary>Called once a round for a node with a surplus.</summary>
    /// <returns>True when it may be asked in this round.</returns>
    public bool MayAsk(string node, double surplusRatio)
    {
        if (!_attempts.TryGetValue(node, out var last))
        {
            _attempts[node] = new Attempt(surplusRatio, Pause: 0, Wait: 0);
            return true;
        }

        if (last.Wait > 0)
        {
            _attempts[node] = last with { Wait = last.Wait - 1 };
            return false;
        }

        var pause = surplusRatio < last.SurplusRatio ? 0 : Math.Min(roundsMax, Math.Max(1, last.Pause * 2));
        _attempts[node] = new Attempt(surplusRatio, pause, pause);
        return true;
    }

    /// <summary>Forgets nodes whose load is in order.</summary>
    public void Keep(IReadOnlySet<string> nodesWithSurplus)
    {
        foreach (var node in _attempts.Keys.Where(node => !nodesWithSurplus.Contains(node)).ToList())
        {
            _attempts.Remove(node);
        }
    }

    private readonly record struct Attempt(double SurplusRatio, int Pause, int Wait);
}
