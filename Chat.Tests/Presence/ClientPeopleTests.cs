using Chat.Client;
using Chat.Protocol.Frames;
using Chat.Tests.Cluster;

namespace Chat.Tests.Presence;

[Collection(ClusterSuite.Name)]
public sealed class ClientPeopleTests
{
    [Fact]
    public void Presence_is_what_has_changed_since_the_last_answer_whatever_connection_it_came_over()
    {
        var (before, first) = People.Unknown.Apply(Joined(["ada", "bob"]));

        var (after, second) = before.Apply(Joined(["ada", "eve"]));
        var (_, third) = after.Apply(new PresenceFrame("lobby", ["eve"], ["nobody"]));

        Assert.Equal(["ada", "bob"], first!.Joined.Order());
        Assert.Equal(["eve"], second!.Joined);
        Assert.Equal(["bob"], second.Left);
        Assert.Equal(2, second.Count);
        Assert.Null(third);
    }

    [Fact]
    public void Big_room_is_a_number_until_it_is_small_again()
    {
        var (named, _) = People.Unknown.Apply(Joined(["ada"]));

        var (big, grown) = named.Apply(new PresenceFrame("lobby", [], [], 300));
        var (small, shrunk) = big.Apply(new PresenceFrame("lobby", ["ada", "bob"], [], 2));

        Assert.Null(big.Members);
        Assert.Equal(300, grown!.Count);
        Assert.Equal(["ada", "bob"], small.Members!.Order());
        Assert.Equal(2, shrunk!.Count);
    }

    [Fact]
    public void Read_positions_only_grow_within_a_log_and_start_anew_in_another()
    {
        var (people, _) = People.Unknown.Apply(Joined(["ada"], read: 7));

        var lower = people.Apply("ada", 5);
        var higher = people.Apply("ada", 9);
        var (same, _) = higher.Apply(Joined(["ada"], read: 8));
        var (other, _) = higher.Apply(Joined(["ada"], read: 1, epoch: "f"));

        Assert.Same(people, lower);
        Assert.Equal(9, same.Read["ada"]);
        Assert.Equal(1, other.Read["ada"]);
    }

    private static JoinedFrame Joined(string[] members, long? read = null, string epoch = "e") => new(
        "lobby", epoch, 10, Recovered: true, [], members, Read: read is { } offset ? new Dictionary<string, long> { ["ada"] = offset } : null);
}
