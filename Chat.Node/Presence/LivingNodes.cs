using Chat.Node.Signals;

namespace Chat.Node.Presence;

/// <summary>
/// Which nodes are alive, from one reading of the leases to the next. A lease that ran out is a death at once; a node that came
/// back under another incarnation leaves its old connections some time to come back too. Not safe for several threads.
/// </summary>
/// <param name="lease">After a time without readings nobody is believed dead for this long: all leases may have run out meanwhile.</param>
/// <param name="grace">How long the connections of an earlier incarnation stay.</param>
internal sealed class LivingNodes(TimeSpan lease, TimeSpan grace, TimeProvider time)
{
    private readonly Dictionary<Incarnation, long> _superseded = [];
    private HashSet<Incarnation> _alive = [];
    private long _trustedFrom = long.MinValue;

    public IReadOnlySet<Incarnation> Alive => _alive;

    /// <summary>Nobody is believed alive whose lease was not there at the last reading: only then time changes nothing.</summary>
    public bool IsSettled { get; private set; } = true;

    /// <summary>Redis did not answer: what comes next cannot tell a dead node from one that could not renew either.</summary>
    public void NoteAway() => _trustedFrom = time.GetTimestamp() + Ticks(lease);

    /// <param name="leases">Those that are valid now.</param>
    /// <returns>Whether somebody came or went.</returns>
    public bool Apply(IReadOnlyCollection<Incarnation> leases)
    {
        var now = time.GetTimestamp();
        var alive = new HashSet<Incarnation>(leases);
        var renewed = leases.Select(node => node.Node).ToHashSet();
        foreach (var gone in _alive.Where(node => !alive.Contains(node)).ToArray())
        {
            if (now < _trustedFrom)
            {
                alive.Add(gone);
            }
            else if (renewed.Contains(gone.Node))
            {
                var until = _superseded.TryGetValue(gone, out var known) ? known : _superseded[gone] = now + Ticks(grace);
                if (now < until)
                {
                    alive.Add(gone);
                }
            }
        }

        foreach (var forgotten in _superseded.Keys.Where(node => !alive.Contains(node)).ToArray())
        {
            _superseded.Remove(forgotten);
        }

        IsSettled = alive.SetEquals(leases);
        var changed = !alive.SetEquals(_alive);
        _alive = alive;
        return changed;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
