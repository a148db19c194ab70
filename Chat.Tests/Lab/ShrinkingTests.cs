using Chat.Lab;
using CsCheck;

namespace Chat.Tests.Lab;

/// <summary>A schedule is shrunk to deeds of which none can be left out.</summary>
public sealed class ShrinkingTests
{
    [Fact]
    public Task Exactly_what_it_takes_is_left() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 59].Array[1, 5]).SampleAsync(async (count, places) =>
        {
            int[] needed = [.. places.Select(place => place % count).Distinct().Order()];

            Assert.Equal(needed, await Shrinking.ShrinkAsync(count, kept => Task.FromResult(needed.All(kept.Contains))));
        });

    [Fact]
    public async Task Either_of_two_ways_to_fail_is_enough()
    {
        var kept = await Shrinking.ShrinkAsync(20, places => Task.FromResult(places.Contains(3) || (places.Contains(7) && places.Contains(8))));

        Assert.True(kept is [3] or [7, 8], string.Join(',', kept));
    }

    [Fact]
    public async Task What_fails_whatever_happens_needs_nothing() =>
        Assert.Empty(await Shrinking.ShrinkAsync(20, _ => Task.FromResult(true)));
}
