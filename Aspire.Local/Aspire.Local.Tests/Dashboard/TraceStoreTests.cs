using Aspire.Local.Dashboard.Telemetry;
using Aspire.Local.Dashboard.Telemetry.Model;
using Aspire.Local.Dashboard.Telemetry.Traces;
using CsCheck;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class TraceStoreTests
{
    [Fact]
    public void Oldest_traces_make_room_for_new_ones_and_are_counted()
    {
        var store = new TraceStore(Some.Limits(new TelemetryLimits { SpansMax = 100, SpansPerTraceMax = 50 }));

        store.Add([.. Enumerable.Range(1, 60).SelectMany(i => new[] { Some.Span(1, trace: (ulong)i, start: i), Some.Span(2, trace: (ulong)i, start: i) })]);

        var snapshot = store.Snapshot();
        Assert.Equal((100, 50, 10L, 20L), (snapshot.Spans, snapshot.Traces.Count, snapshot.TracesDropped, snapshot.SpansDropped));
        Assert.Equal(new TraceId(60), snapshot.Traces[0].Id);
        Assert.Null(store.Find(new TraceId(10)));
        Assert.NotNull(store.Find(new TraceId(11)));
    }

    [Fact]
    public void Trace_that_is_too_long_keeps_its_beginning()
    {
        var store = new TraceStore(Some.Limits(new TelemetryLimits { SpansMax = 100, SpansPerTraceMax = 10 }));

        store.Add([.. Enumerable.Range(1, 15).Select(i => Some.Span((ulong)i))]);

        Assert.Equal(10, store.Find(new TraceId(1))!.Spans.Count);
        Assert.Equal(5, store.Snapshot().SpansDropped);
    }

    [Fact]
    public void Span_sent_twice_is_kept_once()
    {
        var store = new TraceStore(Some.Limits());

        store.Add([Some.Span(1), Some.Span(2, parent: 1)]);
        store.Add([Some.Span(2, parent: 1)]);

        Assert.Equal(2, store.Snapshot().Spans);
    }

    [Fact]
    public void Late_span_makes_a_new_trace_object_and_leaves_the_old_one_alone()
    {
        var store = new TraceStore(Some.Limits());
        store.Add([Some.Span(2, parent: 1, start: 5)]);
        var before = store.Find(new TraceId(1))!;

        store.Add([Some.Span(1)]);

        Assert.Single(before.Spans);
        Assert.False(before.HasRoot);
        var after = store.Find(new TraceId(1))!;
        Assert.Equal((2, true, new SpanId(1)), (after.Spans.Count, after.HasRoot, after.Root.SpanId));
    }

    [Fact]
    public void Snapshot_is_the_same_object_until_something_arrives()
    {
        var store = new TraceStore(Some.Limits());
        store.Add([Some.Span(1)]);

        var snapshot = store.Snapshot();

        Assert.Same(snapshot, store.Snapshot());
        store.Add([Some.Span(2)]);
        Assert.NotSame(snapshot, store.Snapshot());
    }

    [Fact]
    public async Task Several_senders_and_viewers_at_once_lose_nothing()
    {
        var store = new TraceStore(Some.Limits());
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                store.Add([Some.Span((ulong)((sender * 1000) + i + 1), trace: (ulong)(i % 50) + 1, start: i)]);
                _ = i % 10 == 0 ? store.Snapshot() : null;
            }
        }));

        await Task.WhenAll(senders);

        Assert.Equal(4000, store.Snapshot().Traces.Sum(t => t.Spans.Count));
        Assert.Equal(50, store.Snapshot().Traces.Count);
    }

    [Fact]
    public void Limits_hold_and_nothing_is_miscounted_whatever_arrives() =>
        Gen.Select(Gen.ULong[1, 40], Gen.ULong[1, 300], Gen.Int[1, 60_000]).Array[1, 400].Sample(spans =>
        {
            var limits = new TelemetryLimits { SpansMax = 100, SpansPerTraceMax = 30, SpanBytesMax = 1 << 20 };
            var store = new TraceStore(Some.Limits(limits));

            store.Add([.. spans.Select(s => Some.Span(s.Item2, trace: s.Item1, bytes: s.Item3))]);

            var snapshot = store.Snapshot();
            Assert.InRange(snapshot.Spans, 1, limits.SpansMax);
            Assert.InRange(snapshot.Bytes, 1, limits.SpanBytesMax);
            Assert.Equal(snapshot.Spans, snapshot.Traces.Sum(t => t.Spans.Count));
            Assert.Equal(snapshot.Bytes, snapshot.Traces.Sum(t => t.Spans.Sum(s => (long)s.Bytes)));
            Assert.All(snapshot.Traces, t => Assert.InRange(t.Spans.Count, 1, limits.SpansPerTraceMax));
        });

    [Fact]
    public void Instances_of_a_trace_are_counted_apart_and_can_be_asked_for()
    {
        var other = Some.Instance("node", "zzzzzzzz", 1);
        var trace = Trace.From([Some.Span(1), Some.Span(2, parent: 1, start: 1, instance: other), Some.Span(3, parent: 1, start: 2, instance: other)]);

        Assert.Equal([("node-abcdefgh", 1), ("node-zzzzzzzz", 2)], trace.Instances.Select(i => (i.Instance.ResourceId, i.Spans)));
        Assert.True(Filter(instances: 2).Matches(trace));
        Assert.False(Filter(instances: 3).Matches(trace));
        Assert.True(Filter(source: "node").Matches(trace));
        Assert.True(Filter(source: "node-zzzzzzzz").Matches(trace));
        Assert.False(Filter(source: "balancer").Matches(trace));
        Assert.True(Filter(text: "SPAN 3").Matches(trace));
        Assert.False(Filter(text: "span 4").Matches(trace));
    }

    private static TraceFilter Filter(string text = "", string source = "", int instances = 0) =>
        new(text, source, TimeSpan.Zero, instances, OnlyErrors: false);
}
