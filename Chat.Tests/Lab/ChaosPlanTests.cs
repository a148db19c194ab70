using Chat.Lab.Chaos;
using CsCheck;

namespace Chat.Tests.Lab;

public sealed class ChaosPlanTests
{
    private const double Seconds = 40;
    private const int Nodes = 3;

    [Fact]
    public void A_seed_gives_the_same_faults_and_another_seed_others()
    {
        Assert.Equal(ChaosPlan.Of(7, Seconds, Nodes).Faults, ChaosPlan.Of(7, Seconds, Nodes).Faults);
        Assert.NotEqual(ChaosPlan.Of(7, Seconds, Nodes).Faults, ChaosPlan.Of(8, Seconds, Nodes).Faults);
    }

    [Fact]
    public void Every_plan_breaks_every_node_and_one_thing_at_a_time_on_each() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var faults = ChaosPlan.Of(seed, Seconds, Nodes).Faults;

        foreach (var node in Enumerable.Range(0, Nodes))
        {
            var own = faults.Where(fault => fault.Node == node && fault.Kind is not (ChaosKind.KillRedis or ChaosKind.BlindBalancer)).ToArray();
            Assert.InRange(own.Length, 3, 40);
            Assert.All(own.Zip(own.Skip(1)), pair => Assert.True(pair.First.At + pair.First.For < pair.Second.At));
        }
    });

    [Fact]
    public void Over_some_seeds_everything_is_broken_that_can_be() => Assert.Equal(
        Enum.GetValues<ChaosKind>(),
        Enumerable.Range(0, 50).SelectMany(seed => ChaosPlan.Of(seed, Seconds, Nodes).Faults).Select(fault => fault.Kind).Distinct().Order());

    [Fact]
    public void What_is_left_out_changes_nothing_else()
    {
        var plan = ChaosPlan.Of(7, Seconds, Nodes);

        Assert.Equal([plan.Faults[1], plan.Faults[4]], plan.Only([4, 1]).Faults);
    }
}
