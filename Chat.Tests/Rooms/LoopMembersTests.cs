using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Connections;
using Chat.Node.Presence;
using Chat.Node.Rooms;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using CsCheck;

namespace Chat.Tests.Rooms;

/// <summary>Members who come and go, also while they are being visited.</summary>
public sealed class LoopMembersTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private TestNode _node = null!;
    private Room _room = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        _node = await TestNode.StartAsync(_redis, "n0");
        _room = new Room("lobby", _node.Get<NodeIdentity>(), _node.Get<NodeMetrics>(), TimeProvider.System, _node.Get<PresenceRooms>());
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Each_member_is_visited_once_and_who_is_removed_meanwhile_is_not_visited_any_more()
    {
        var loop = _node.Get<NodeLoops>().All[0];
        await loop.RunAsync(() =>
        {
            Gen.Select(Gen.Int[1, 12], Gen.Select(Gen.Int[0, 20], Gen.Int[0, 20]).Array[0, 12], Gen.Int[0, 3]).Sample(
                (count, removals, added) =>
                {
                    var members = new LoopMembers(loop);
                    var all = Enumerable.Range(0, count + added).Select(_ => Create()).ToArray();
                    foreach (var member in all[..count])
                    {
                        members.Add(member);
                    }

                    var visited = new List<Membership>();
                    var removed = new HashSet<Membership>();
                    members.Visit(0, (member, _) =>
                    {
                        Assert.DoesNotContain(member, removed);
                        visited.Add(member);
                        foreach (var (at, whom) in removals.Where(removal => removal.Item1 == visited.Count))
                        {
                            // Twice is once.
                            members.Remove(all[whom % count]);
                            members.Remove(all[whom % count]);
                            removed.Add(all[whom % count]);
                        }

                        if (visited.Count == 1)
                        {
                            Array.ForEach(all[count..], members.Add);
                        }
                    });

                    Assert.Equal(visited.Distinct(), visited);
                    Assert.Superset(all[..count].Except(removed).ToHashSet(), visited.ToHashSet());
                    Assert.Equal(all.Length - removed.Count, members.Count);

                    var left = new HashSet<Membership>();
                    members.Visit(0, (member, _) => Assert.True(left.Add(member)));
                    Assert.Equal(all.Except(removed).ToHashSet(), left);
                    foreach (var member in left)
                    {
                        members.Remove(member);
                    }

                    Assert.Equal(0, members.Count);
                },
                threads: 1);
            return Task.CompletedTask;
        });
    }

#if DEBUG
    [Fact]
    public void Who_leaves_the_loop_is_found_out()
    {
        var members = new LoopMembers(_node.Get<NodeLoops>().All[0]);

        Assert.Throws<InvalidOperationException>(() => members.Add(Create()));
    }
#endif

    private Membership Create() => new(
        _room,
        new JoinRequest(
            "lobby", "c", "bob", After: null, Traced: false, new OutboundQueue(new TestSink(), 1000), _node.Get<NodeLoops>().All[0], () => { }),
        "n0",
        new NodeOptions(),
        TimeProvider.System);
}
