using Chat.Node;
using Chat.Node.Presence;
using Chat.Node.Signals;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Overload;

public sealed class CleaningUpTests
{
    private const int Nodes = 20;

    [Fact]
    public void After_a_death_one_of_the_nodes_in_the_room_takes_its_people_out_of_Redis()
    {
        Incarnation[] nodes = [.. Enumerable.Range(0, Nodes).Select(index => new Incarnation($"n{index}", "1"))];
        var dead = new Incarnation("dead", "1");
        PresenceEntry[] entries =
        [
            .. nodes.Select(node => new PresenceEntry($"c-{node.Node}", $"u-{node.Node}", node)), new PresenceEntry("c-dead", "u-dead", dead),
        ];
        var rooms = nodes.Select(node =>
        {
            var people = new RoomPeople("lobby", node, new NodeOptions(), new FakeTimeProvider());
            people.Enter($"c-{node.Node}", $"u-{node.Node}");
            people.Replace(entries, seen: 0);
            people.Changes.Take(int.MaxValue);
            return people;
        }).ToArray();

        foreach (var room in rooms)
        {
            room.Drop(new Census(1, nodes.ToHashSet()));
        }

        Assert.All(rooms, room => Assert.False(room.IsPresent("u-dead")));
        Assert.Equal(1, rooms.Count(room => room.Changes.Take(int.MaxValue).Closed.Contains("c-dead")));
    }
}
