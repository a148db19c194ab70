using System.Net;
using Chat.Balancer;
using Chat.Balancer.Admission;
using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Listening;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Balancer;

public sealed class AdmissionTests
{
    [Fact]
    public async Task Rate_queue_lets_a_burst_through_and_spreads_the_rest_in_order()
    {
        var clock = new FakeTimeProvider();
        var queue = new RateQueue(perSecond: 100, waitingMax: 50, TimeSpan.FromSeconds(1), clock);

        var entries = Enumerable.Range(0, 40).Select(_ => queue.EnterAsync(default).AsTask()).ToList();
        var atOnce = entries.Count(entry => entry.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(100));
        var later = entries.Count(entry => entry.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.InRange(atOnce, 10, 12);
        Assert.InRange(later, 20, 22);
        Assert.All(await Task.WhenAll(entries), Assert.True);
        Assert.Equal(0, queue.Waiting);
    }

    [Fact]
    public async Task Rate_queue_refuses_when_full_or_too_slow()
    {
        var clock = new FakeTimeProvider();
        var full = new RateQueue(perSecond: 10, waitingMax: 3, TimeSpan.FromSeconds(60), clock);
        var slow = new RateQueue(perSecond: 10, waitingMax: 100, TimeSpan.FromSeconds(0.5), clock);

        var inFull = Enumerable.Range(0, 10).Select(_ => full.EnterAsync(default).AsTask()).ToList();
        var inSlow = Enumerable.Range(0, 10).Select(_ => slow.EnterAsync(default).AsTask()).ToList();
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.InRange((await Task.WhenAll(inFull)).Count(admitted => admitted), 4, 5);
        Assert.InRange((await Task.WhenAll(inSlow)).Count(admitted => admitted), 6, 7);
    }

    [Fact]
    public void Connections_are_limited_in_all_and_per_address_but_not_on_loopback()
    {
        var limits = Limits(descriptors: 100_000);
        var one = IPAddress.Parse("10.0.0.1");

        var results = Enumerable.Range(0, 3).Select(_ => limits.TryEnter(one)).ToList();
        limits.Leave(one);
        var again = limits.TryEnter(one);
        var others = Enumerable.Range(0, 9).Select(_ => limits.TryEnter(IPAddress.Loopback)).ToList();

        Assert.Equal([null, null, Refusal.AddressConnections], results);
        Assert.Null(again);
        Assert.Equal(8, others.Count(result => result is null));
        Assert.Equal(Refusal.Connections, others[^1]);
    }

    [Theory]
    [InlineData(100_000, 10)]
    [InlineData(36, 9)]
    public void Connections_are_never_more_than_there_are_descriptors_for(int descriptors, int connections)
    {
        var limits = Limits(descriptors);

        var admitted = Enumerable.Range(0, 20).Count(_ => limits.TryEnter(IPAddress.Loopback) is null);

        Assert.Equal(connections, admitted);
    }

    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", int.MaxValue)]
    [InlineData("Max processes             1024                 524288               processes ", int.MaxValue)]
    public void Descriptor_limit_is_read_as_the_kernel_writes_it(string line, int descriptors) =>
        Assert.Equal(descriptors, DescriptorLimit.Parse(["Limit                     Soft Limit           Hard Limit           Units     ", line]));

    [Fact]
    public void Health_takes_several_signs_in_a_row_and_one_certain_one()
    {
        var health = new DestinationHealth(new HealthRules(FailuresToLeave: 2, SuccessesToReturn: 2), TimeProvider.System);

        Assert.False(health.Fail(certain: false));
        Assert.False(health.Succeed());
        Assert.False(health.Fail(certain: false));
        Assert.True(health.Fail(certain: false));
        Assert.False(health.Succeed());
        Assert.True(health.Succeed());
        Assert.True(health.Fail(certain: true));
        Assert.False(health.Healthy);
    }

    [Theory]
    [InlineData("Policy=x", "Policy")]
    [InlineData("HeadSeconds=0", "HTTP times")]
    [InlineData("HandshakesPerSecondPerNodeMax=9999", "HandshakesPerSecondPerNodeMax")]
    [InlineData("ConnectSeconds=20", "ConnectSeconds")]
    [InlineData("ShedRatioMin=1", "ShedRatioMin")]
    [InlineData("IdleUpstreamsMax=-1", "IdleUpstreamsMax")]
    [InlineData("IdleUpstreamSeconds=130", "IdleUpstreamSeconds")]
    public void Limits_that_make_no_sense_stop_the_start(string setting, string text)
    {
        var exception = Assert.Throws<OptionsValidationException>(() => BalancerApp.Build([$"--Chat:Balancer:{setting}", "--ConnectionStrings:redis=x"]));

        Assert.Contains(text, exception.Message, StringComparison.Ordinal);
    }

    private static ConnectionLimits Limits(int descriptors) => new(
        Options.Create(new BalancerOptions { ConnectionsMax = 10, ConnectionsPerAddressMax = 2 }),
        new DescriptorLimit(descriptors),
        new ClientAddresses(Options.Create(new BalancerOptions { TrustedProxies = "10.9.0.0/16" })),
        NullLogger<ConnectionLimits>.Instance);
}
