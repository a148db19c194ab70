using Chat.Lab;
using Chat.Lab.Faults;

namespace Chat.Tests.Lab;

public sealed class SeedsTests
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers_for_each_thing_and_others_for_another()
    {
        Assert.Equal(Seeds.For(7, "victim").Next(), Seeds.For(7, "victim").Next());
        Assert.NotEqual(Seeds.For(7, "victim").Next(), Seeds.For(7, "load").Next());
        Assert.NotEqual(Seeds.For(7, "victim").Next(), Seeds.For(8, "victim").Next());
    }

    [Fact]
    public void Seeds_choose_every_node_about_as_often()
    {
        var chosen = Enumerable.Range(1, 300).CountBy(seed => Seeds.For(seed, "faults of node-kill").Next(3)).ToDictionary();

        Assert.All([0, 1, 2], node => Assert.InRange(chosen[node], 70, 130));
    }

    [Fact]
    public void The_first_of_several_runs_is_the_one_run_alone()
    {
        Assert.Equal(5, Seeds.Of(5, 0));
        Assert.Equal(20, Enumerable.Range(0, 20).Select(run => Seeds.Of(5, run)).Distinct().Count());
    }

    [Fact]
    public void Jitter_follows_from_the_seed()
    {
        Assert.Equal(Delays(3), Delays(3));
        Assert.NotEqual(Delays(3), Delays(4));

        static TimeSpan[] Delays(int seed)
        {
            var state = new FaultState(Fault.Delay, new FaultStrength(TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(15)), Seeds.Shared(seed, "jitter"));
            return [.. Enumerable.Range(0, 5).Select(_ => state.NextDelay())];
        }
    }
}
