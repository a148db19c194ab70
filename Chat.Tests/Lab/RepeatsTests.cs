using Chat.Lab;
using Chat.Lab.Reporting;
using Chat.Lab.Results;
using Chat.Tests.Lab.Reporting;

namespace Chat.Tests.Lab;

public sealed class RepeatsTests
{
    private static readonly Cell Right = SampleReport.Make().Cells.First(cell => cell.Verdict == Verdict.Whole) with
    {
        Promises = [Promise.Never(PromiseKind.NoHoles, "lost", 0)],
    };

    [Fact]
    public void One_run_is_the_run_itself() => Assert.Same(Right, Repeats.Sum([(1, Right)]));

    [Fact]
    public void Several_runs_give_the_median_and_what_came_least_and_most()
    {
        var sum = Repeats.Sum([.. new[] { 3.0, 0, 8, 1 }.Select((measured, seed) => (seed, Right with { Headline = new Measure("lost", "%", measured, 2, "", 1) }))]);

        Assert.Equal(2, sum.Headline.Measured);
        Assert.Equal(new Spread(0, 8, Above: 3, Runs: 4), sum.Headline.Spread);
        Assert.True(sum.Headline.AsPredicted);
        Assert.Equal([0, 1, 2, 3], sum.Runs!.Select(run => run.Seed));
        Assert.Equal("0 of 4", CellText.Figure(sum));
    }

    [Fact]
    public void A_promise_that_one_run_broke_is_broken_and_says_in_how_many()
    {
        var wrong = Right with { Verdict = Verdict.Broken, Promises = [Promise.Never(PromiseKind.NoHoles, "lost", 7)] };

        var sum = Repeats.Sum([(1, Right), (2, wrong), (3, Right)]);

        Assert.Equal(Verdict.Broken, sum.Verdict);
        Assert.Equal("no holes: lost: 7 times, at most 0, in 1 of 3 runs", Assert.Single(sum.Broken).ToString());
        Assert.Equal("in 1 of 3", CellText.Seldom(sum));
    }

    [Fact]
    public void A_run_that_failed_is_no_zero()
    {
        var failed = Right with { Verdict = Verdict.Failed, Error = "no node" };

        var sum = Repeats.Sum([(1, Right), (2, failed)]);

        Assert.Equal((Verdict.Failed, "1 of 2 runs failed; the first: no node"), (sum.Verdict, sum.Error));
    }
}
