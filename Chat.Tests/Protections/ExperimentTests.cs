using Chat.Client;
using Chat.Experiments;
using Chat.Experiments.Ablations;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;

namespace Chat.Tests.Protections;

/// <summary>The switches of experiments that are no protections, and how all of them are checked.</summary>
public sealed class ExperimentTests
{
    [Fact]
    public void A_name_that_is_no_protection_is_refused_and_the_right_ones_are_named() => Assert.Equal(
        ["Without has \"seatbelt\": only gap-repair, epoch, idempotency, canary, join-buffer, lease can be taken away"],
        new ExperimentOptions { Without = [Protection.Canary, "seatbelt"] }.Problems());

    [Fact]
    public void Only_the_log_has_protections_to_take_away()
    {
        Assert.Empty(new ExperimentOptions { Without = Protection.All, ClockSkew = TimeSpan.FromSeconds(-5) }.Problems());
        Assert.NotEmpty(new ExperimentOptions { Without = Protection.All, Delivery = "pubsub" }.Problems());
    }

    [Fact]
    public void A_node_that_is_no_experiment_refuses_another_delivery()
    {
        var valid = new NodeOptions { TokenKey = TestNode.TokenKey };

        Assert.True(new NodeOptionsValidator().Validate(null, valid).Succeeded);
        Assert.Contains("Chat.Experiments has the others", Assert.Single(new NodeOptionsValidator().Validate(null, valid with { Delivery = "pubsub" }).Failures!));
    }

    [Fact]
    public void Without_jitter_all_come_back_in_step()
    {
        var (min, max) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300));

        var (inStep, spread) = (new Backoff(min, max, jitter: false), new Backoff(min, max, jitter: true));

        Assert.Equal([100, 200, 300, 300], Enumerable.Range(0, 4).Select(_ => inStep.Next().TotalMilliseconds));
        Assert.True(Enumerable.Range(0, 50).Select(_ => spread.Next()).Distinct().Count() > 25);
    }

    /// <summary>What the wall clock decides goes wrong with it; what is measured, or counted by Redis, does not.</summary>
    [Fact]
    public async Task A_clock_that_is_ahead_ends_tokens_early_and_dates_messages_late_but_costs_no_lease()
    {
        var skew = TimeSpan.FromMinutes(10);
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var right = await TestNode.StartAsync(redis, "right");
        await using var ahead = await TestNode.StartExperimentAsync(redis.ConnectionString, "ahead", $"ClockSkew={skew}");
        var shortLived = TestNode.TokenFor("ada", lifetime: skew / 2);

        await using var ada = await FramePeer.ConnectAsync(right.Url, shortLived);
        await using var refused = await FramePeer.ConnectAsync(ahead.Url, shortLived);
        await using var bob = await FramePeer.ConnectAsync(ahead.Url, TestNode.TokenFor("bob", lifetime: skew * 2));

        Assert.Equal(CloseCode.BadToken, (CloseCode?)await refused.ClosedAsync());
        await ada.JoinAsync("lobby");
        await bob.JoinAsync("lobby");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));
        await bob.SendAsync(new SendFrame("lobby", "1", "hello"));
        var message = await ada.NextAsync<MessageFrame>();
        var early = DateTimeOffset.Parse(message.SentAt, System.Globalization.CultureInfo.InvariantCulture) - TimeProvider.System.GetUtcNow();
        Assert.InRange(early, skew - TimeSpan.FromMinutes(1), skew);
        var lease = await right.Get<RedisCalls>().Database.KeyTimeToLiveAsync(NodeLeaseCodec.KeyOf("ahead"));
        Assert.InRange(lease!.Value, TimeSpan.Zero, right.Get<Microsoft.Extensions.Options.IOptions<NodeOptions>>().Value.NodeLease);
    }
}
