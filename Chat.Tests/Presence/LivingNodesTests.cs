using Chat.Node.Presence;
using Chat.Node.Signals;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Presence;

public sealed class LivingNodesTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);
    private static readonly Incarnation One = new("n1", "a");
    private static readonly Incarnation Two = new("n2", "b");

    private readonly FakeTimeProvider _time = new();
    private readonly LivingNodes _living;

    public LivingNodesTests() => _living = new LivingNodes(Lease, Grace, _time);

    [Fact]
    public void Lease_that_ran_out_is_a_death()
    {
        _living.Apply([One, Two]);

        var changed = _living.Apply([One]);

        Assert.True(changed);
        Assert.Equal([One], _living.Alive);
    }

    [Fact]
    public void Restarted_node_leaves_its_old_connections_time_to_come_back()
    {
        var reborn = One with { Id = "c" };
        _living.Apply([One, Two]);

        _living.Apply([reborn, Two]);
        var early = _living.Alive.Contains(One);
        _time.Advance(Grace);
        _living.Apply([reborn, Two]);

        Assert.True(early);
        Assert.Equal([reborn, Two], _living.Alive.OrderBy(node => node.Node));
    }

    [Fact]
    public void Nobody_dies_of_a_redis_that_was_away()
    {
        _living.Apply([One, Two]);

        _living.NoteAway();
        _living.Apply([]);
        var afterOutage = _living.Alive.Count;
        _living.Apply([One]);
        _time.Advance(Lease);
        _living.Apply([One]);

        Assert.Equal(2, afterOutage);
        Assert.Equal([One], _living.Alive);
    }
}
