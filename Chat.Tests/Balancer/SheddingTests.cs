using Chat.Balancer.Shedding;
using Chat.Protocol;
using Chat.Tests.Cluster;
using CsCheck;

namespace Chat.Tests.Balancer;

[Collection(ClusterSuite.Name)]
public sealed class SheddingTests
{
    private static readonly ShedLimits Limits = new(RatioMin: 1.05, ConnectionsMin: 5, BatchRatioMax: 0.1);

    [Fact]
    public void Nodes_within_the_tolerance_are_left_alone()
    {
        Assert.Empty(ShedPlan.Make([new("a", 104), new("b", 100), new("c", 96)], Limits));
        Assert.Empty(ShedPlan.Make([new("a", 4), new("b", 0)], Limits));
        Assert.Empty(ShedPlan.Make([new("a", 1_000)], Limits));
        Assert.Empty(ShedPlan.Make([], Limits));
    }

    [Fact]
    public void Surplus_is_moved_in_batches_and_never_below_the_mean()
    {
        var plan = ShedPlan.Make([new("a", 1_000), new("b", 1_000), new("c", 1_000), new("d", 0)], Limits);

        Assert.Equal([new("a", 100), new("b", 100), new("c", 100)], plan);
        Assert.Equal([new Move("a", 15)], ShedPlan.Make([new("a", 215), new("b", 185)], Limits));
    }

    [Fact]
    public void Round_asks_for_no_more_than_the_others_may_take_in_their_slow_start()
    {
        NodeLoad[] loads = [.. Enumerable.Range(0, 10).Select(i => new NodeLoad($"n{i}", 1_000)), new NodeLoad("newcomer", 0, Share: 0.1)];

        var moved = ShedPlan.Make(loads, Limits).Sum(move => move.Connections);

        // The mean is 909; unbounded it would be 90 from each of ten.
        Assert.InRange(moved, 80, 90);
    }

    [Fact]
    public void What_has_been_asked_and_is_still_there_is_not_asked_for_again()
    {
        var plan = ShedPlan.Make([new("a", 1_000, Asked: 100), new("b", 0)], Limits);
        var rest = ShedPlan.Make([new("a", 540, Asked: 30), new("b", 460)], Limits);

        Assert.Empty(plan);
        Assert.Empty(rest);
    }

    [Fact]
    public void Any_loads_come_to_rest_within_the_tolerance_and_no_node_is_emptied()
    {
        Gen.Int[0, 5_000].Array[2, 8].Sample(loads =>
        {
            for (var round = 0; round < 200; round++)
            {
                var plan = ShedPlan.Make([.. loads.Select((load, i) => new NodeLoad($"{i}", load))], Limits);
                if (plan.Count == 0)
                {
                    Assert.True(loads.Max() <= Math.Max(loads.Average() * 1.05, loads.Average() + 6));
                    return;
                }

                foreach (var move in plan)
                {
                    loads[int.Parse(move.Node, System.Globalization.CultureInfo.InvariantCulture)] -= move.Connections;
                    for (var i = 0; i < move.Connections; i++)
                    {
                        loads[Array.IndexOf(loads, loads.Min())]++;
                    }
                }
            }

            Assert.Fail("It never came to rest");
        });
    }

    [Fact]
    public void Node_whose_surplus_does_not_shrink_is_asked_ever_more_rarely()
    {
        var backoff = new ShedBackoff(roundsMax: 8);

        var asked = Enumerable.Range(0, 100).Count(_ => backoff.MayAsk("a", 1.5));

        Assert.InRange(asked, 10, 18);
    }

    [Fact]
    public void Node_whose_surplus_shrinks_is_asked_in_every_round()
    {
        var backoff = new ShedBackoff(roundsMax: 8);

        Assert.All(Enumerable.Range(0, 20), round => Assert.True(backoff.MayAsk("a", 2 - (round * 0.05))));
    }

    [Fact]
    public void Node_in_order_is_forgotten()
    {
        var backoff = new ShedBackoff(roundsMax: 8);
        for (var round = 0; round < 50; round++)
        {
            backoff.MayAsk("a", 1.5);
        }

        backoff.Keep(new HashSet<string>());

        Assert.True(backoff.MayAsk("a", 1.5));
        Assert.True(backoff.MayAsk("a", 1.4));
    }

    [Fact]
    public void Control_message_has_the_agreed_form()
    {
        var json = System.Text.Encoding.UTF8.GetString(NodeControlCodec.Encode(new ShedControl(25, 2_000)));

        Assert.Equal("""{"type":"shed","connections":25,"reconnectWithinMs":2000}""", json);
        Assert.Equal(new ShedControl(25, 2_000, "b"), NodeControlCodec.Decode("""{"balancer":"b","connections":25,"reconnectWithinMs":2000,"type":"shed"}"""u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type":"dance"}""")]
    [InlineData("""{"type":"shed"}""")]
    [InlineData("""{"type":"shed","connections":0,"reconnectWithinMs":1}""")]
    public void Unknown_control_messages_are_ignored(string json) =>
        Assert.Null(NodeControlCodec.Decode(System.Text.Encoding.UTF8.GetBytes(json)));
}
