using System.Buffers.Text;
using System.Net;
using System.Text;
using Chat.Balancer;
using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Picking;
using Chat.Protocol;
using Chat.Tests.Balancer.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Balancer;

public sealed class PickingTests
{
    [Fact]
    public void Round_robin_takes_each_in_turn()
    {
        var views = Views.Of(0, 0, 0);
        var policy = new RoundRobin();

        var picked = Enumerable.Range(0, 6).Select(_ => policy.Pick(views, new PickKey(null, IPAddress.None)).Destination.Id).ToList();

        Assert.Equal(picked.Take(3), picked.Skip(3));
        Assert.Equal(3, picked.Distinct().Count());
    }

    [Fact]
    public void Least_connections_takes_the_emptiest_and_any_of_equals()
    {
        var policy = new LeastConnections(new Random(1));

        Assert.Equal("n1", policy.Pick(Views.Of(5, 3, 4), new PickKey(null, IPAddress.None)).Destination.Id);
        Assert.Equal(3, Picks(policy, Views.Of(7, 7, 7), 100).Count);
    }

    [Fact]
    public void Power_of_two_is_nearly_even_and_never_takes_the_fullest()
    {
        var policy = new PowerOfTwo(new Random(1));
        var views = Views.Of(0, 0, 0, 0);

        Assert.DoesNotContain("n2", Picks(policy, Views.Of(5, 4, 9), 1_000).Keys);
        for (var i = 0; i < 4_000; i++)
        {
            policy.Pick(views, new PickKey(null, IPAddress.None)).Destination.Enter();
        }

        Assert.All(views, view => Assert.InRange(view.Connections, 990, 1_010));
    }

    [Fact]
    public void Hash_keeps_a_user_on_a_node_and_a_lost_node_moves_only_its_own()
    {
        var policy = new BoundedHash(1.25);
        var views = Views.Of(100, 100, 100, 100);
        var users = Enumerable.Range(0, 1_000).Select(i => $"user{i}").ToList();
        string NodeOf(string user, DestinationView[] among) => policy.Pick(among, KeyOf(user)).Destination.Id;

        var before = users.ToDictionary(user => user, user => NodeOf(user, views));
        var after = users.ToDictionary(user => user, user => NodeOf(user, views[..3]));

        Assert.All(users.Where(user => before[user] != "n3"), user => Assert.Equal(before[user], after[user]));
        Assert.All(before.Values.CountBy(id => id), count => Assert.InRange(count.Value, 180, 320));
    }

    [Fact]
    public void Hash_goes_past_a_node_that_is_too_full()
    {
        var policy = new BoundedHash(1.25);

        var picked = Picks(policy, Views.Of(200, 10, 10), 300, i => $"user{i}");

        Assert.DoesNotContain("n0", picked.Keys);
    }

    [Theory]
    [InlineData("GET /ws?access_token={0} HTTP/1.1\r\nHost: a\r\n\r\n", "ada")]
    [InlineData("GET /ws?x=y&access_token={0}&z=1 HTTP/1.1\r\nHost: a\r\n\r\n", "ada")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {0}\r\n\r\n", "ada")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", "10.0.0.1")]
    [InlineData("GET /ws?access_token=nonsense HTTP/1.1\r\nHost: a\r\n\r\n", "10.0.0.1")]
    [InlineData("GET /ws?access_token=a.%25.c HTTP/1.1\r\nHost: a\r\n\r\n", "10.0.0.1")]
    [InlineData("GET /ws?access_token=a.bnVsbA.c HTTP/1.1\r\nHost: a\r\n\r\n", "10.0.0.1")]
    public void Key_is_the_user_of_the_token_or_the_address(string request, string key)
    {
        var token = "e30." + Convert.ToBase64String("{\"sub\":\"ada\"}"u8).TrimEnd('=') + ".sig";
        var head = new RequestHeadParser(new HeadLimits(8192, 100, 16)).Parse(Encoding.ASCII.GetBytes(request.Replace("{0}", token, StringComparison.Ordinal))).Head;

        Assert.Equal(key, new PickKey(head, IPAddress.Parse("10.0.0.1")).Read());
    }

    [Fact]
    public async Task Lease_that_is_read_again_does_not_erase_what_has_come_since()
    {
        await using var balancer = await TestBalancer.StartAsync();
        var lease = new NodeLease("n", "1", "http://127.0.0.1:1", NodeState.Ready, 100, 0, Sequence: 7);
        balancer.Table.Apply([lease]);
        var destination = balancer.Table.Current[0].Destination;
        var slots = Enumerable.Range(0, 50).Select(_ => destination.Enter()).ToList();

        balancer.Table.Apply([lease]);
        Assert.Equal(150, balancer.Table.Current[0].Connections);

        balancer.Table.Apply([lease with { Connections = 150, Sequence = 8 }]);
        slots[0].Dispose();
        Assert.Equal(149, balancer.Table.Current[0].Connections);
    }

    [Fact]
    public async Task Node_that_says_through_whom_its_connections_came_is_counted_exactly()
    {
        await using var balancer = await TestBalancer.StartAsync("Id=me");
        var lease = new NodeLease("n", "1", "http://127.0.0.1:1", NodeState.Ready, 100, 0, 1, new Dictionary<string, int> { ["me"] = 30, ["other"] = 70 });
        balancer.Table.Apply([lease]);
        var destination = balancer.Table.Current[0].Destination;
        var slots = Enumerable.Range(0, 45).Select(_ => destination.Enter()).ToList();

        // Opened after the node had counted, and before its lease was read.
        balancer.Table.Apply([lease with { Sequence = 2 }]);

        Assert.Equal(115, balancer.Table.Current[0].Connections);
        slots.ForEach(slot => slot.Dispose());
        Assert.Equal(70, balancer.Table.Current[0].Connections);
    }

    [Fact]
    public void Live_count_is_the_report_moved_on_by_what_happened_since()
    {
        var view = Views.Of("n", reported: 30) with { OwnAtReport = 0 };
        var slots = Enumerable.Range(0, 5).Select(_ => view.Destination.Enter()).ToList();

        var reportedAgain = view with { OwnAtReport = 5, Lease = view.Lease with { Connections = 35 } };
        slots[0].Dispose();
        slots[0].Dispose();

        Assert.Equal((34, 34), (view.Connections, reportedAgain.Connections));
    }

    [Fact]
    public void As_many_connections_as_were_asked_to_move_are_steered_and_only_for_a_while()
    {
        var clock = new FakeTimeProvider();
        var steering = new Steering(Options.Create(new BalancerOptions { ShedWindowMs = 2_000 }), clock);

        steering.Expect(2);
        bool[] taken = [steering.TryTake(), steering.TryTake(), steering.TryTake()];
        steering.Expect(2);
        clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal([true, true, false], taken);
        Assert.False(steering.TryTake());
    }

    private static PickKey KeyOf(string user)
    {
        var token = "e30." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{{\"sub\":\"{user}\"}}")) + ".sig";
        var head = new RequestHeadParser(new HeadLimits(8192, 100, 16)).Parse(Encoding.ASCII.GetBytes($"GET /ws?access_token={token} HTTP/1.1\r\nHost: a\r\n\r\n")).Head;
        return new PickKey(head, IPAddress.None);
    }

    private static Dictionary<string, int> Picks(IPickPolicy policy, DestinationView[] views, int times, Func<int, string>? user = null) =>
        Enumerable.Range(0, times)
            .Select(i => policy.Pick(views, KeyOf(user?.Invoke(i) ?? "")).Destination.Id)
            .CountBy(id => id)
            .ToDictionary();
}
