using Aspire.Local.Dashboard.Telemetry.Traces;
using CsCheck;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class TimeScaleTests
{
    [Fact]
    public void Bars_stay_on_the_axis_even_when_clocks_disagree() =>
        Gen.Select(Gen.Long[0, 1_000_000_000], Gen.Long[0, 1_000_000_000], Gen.Long[-2_000_000_000, 2_000_000_000], Gen.Long[0, 2_000_000_000])
            .Sample((start, length, from, duration) =>
            {
                var scale = new TimeScale(start, start + length);

                var (left, width) = (scale.Left(from), scale.Width(from, from + duration));

                Assert.InRange(left, 0, 100);
                Assert.InRange(width, 0, 100.0000001 - left);
            });

    [Fact]
    public void Ticks_are_round_few_and_on_the_axis() => Gen.Long[1, long.MaxValue / 2].Sample(span =>
    {
        var ticks = new TimeScale(0, span).Ticks(6);

        Assert.InRange(ticks.Count, 1, 7);
        Assert.All(ticks, t => Assert.InRange(t.Percent, 0, 100));
        Assert.True(ticks.Count < 2 || $"{ticks[1].Nanos}".TrimEnd('0') is "1" or "2" or "5");
    });
}
