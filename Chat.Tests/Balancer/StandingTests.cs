using Chat.Balancer;
using Chat.Balancer.Destinations;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Balancer;

public sealed class StandingTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Standing _standing;

    public StandingTests() => _standing = new Standing(StandingRules.Of(new BalancerOptions()), _clock);

    [Fact]
    public void Failures_in_a_row_eject_and_a_success_between_them_does_not()
    {
        Fail(2);
        Answer();
        Fail(2);
        Assert.Equal(StandingState.Good, _standing.State);

        Fail(1);

        Assert.Equal(StandingState.Ejected, _standing.State);
    }

    [Fact]
    public void Half_of_the_last_seconds_handshakes_eject_and_a_third_do_not()
    {
        for (var i = 0; i < 30; i++)
        {
            Fail(1);
            Answer();
            Answer();
        }

        Assert.Equal(StandingState.Good, _standing.State);
        for (var i = 0; i < 60; i++)
        {
            Fail(1);
            Answer();
            _clock.Advance(TimeSpan.FromSeconds(0.5));
        }

        Assert.Equal(StandingState.Ejected, _standing.State);
    }

    [Fact]
    public void Each_ejection_takes_twice_as_long_up_to_the_longest()
    {
        Fail(3);
        var times = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            times.Add(SecondsUntilTrial());
            _standing.Tried();
            _standing.Failed(mayEject: false);
        }

        Assert.Equal([10, 20, 40, 80, 160, 300, 300, 300], times);
    }

    [Fact]
    public void Trial_takes_one_handshake_at_a_time_and_a_good_one_ends_it()
    {
        Fail(3);
        SecondsUntilTrial();

        _standing.Tried();
        Assert.Equal(StandingState.Ejected, _standing.State);
        _standing.Unknown();
        Assert.Equal(StandingState.OnTrial, _standing.State);

        _standing.Tried();
        Assert.Equal(StandingChange.Returned, Answer());
        Assert.Equal((StandingState.Good, 0.0), (_standing.State, _standing.Penalty));
    }

    [Fact]
    public void Handshake_that_was_under_way_before_the_ejection_does_not_end_it()
    {
        Fail(3);

        Assert.Equal(StandingChange.None, Answer());
        Assert.Equal(StandingState.Ejected, _standing.State);
    }

    [Fact]
    public void Nobody_is_ejected_when_too_many_are()
    {
        for (var i = 0; i < 20; i++)
        {
            _standing.Failed(mayEject: false);
        }

        Assert.Equal(StandingState.Good, _standing.State);
        Assert.InRange(_standing.Penalty, 0.9, 1);
    }

    [Fact]
    public void Penalty_of_one_failure_fades()
    {
        Fail(1);
        var fresh = _standing.Penalty;
        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(0.5, fresh);
        Assert.InRange(_standing.Penalty, 0, 0.02);
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _standing.Failed(mayEject: true);
        }
    }

    private StandingChange Answer() => _standing.Answered(TimeSpan.FromMilliseconds(1), slow: false, mayEject: true);

    private double SecondsUntilTrial()
    {
        var seconds = 0;
        for (; _standing.State == StandingState.Ejected; seconds++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        return seconds;
    }
}
