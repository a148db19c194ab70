using System.Diagnostics;
using Chat.ServiceDefaults;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Telemetry;

public sealed class ForeignTraceTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Span = "b7ad6b7169203331";

    [Fact]
    public void A_sampled_trace_is_gone_on_with_while_the_budget_lasts_and_linked_to_beyond_it()
    {
        using var source = new ActivitySource(nameof(A_sampled_trace_is_gone_on_with_while_the_budget_lasts_and_linked_to_beyond_it));
        using var recorder = new SpanRecorder(source.Name);
        var clock = new FakeTimeProvider();
        var budget = new TraceBudget(perSecond: 1, burst: 2, clock);

        var followed = Enumerable.Range(0, 3).Select(_ => Start(source, $"00-{Trace}-{Span}-01", budget)!).ToArray();
        clock.Advance(TimeSpan.FromSeconds(1));
        var later = Start(source, $"00-{Trace}-{Span}-01", budget)!;

        Assert.Equal([Trace, Trace], followed[..2].Select(span => span.TraceId.ToHexString()));
        Assert.Equal(Trace, later.TraceId.ToHexString());
        Assert.NotEqual(Trace, followed[2].TraceId.ToHexString());
        Assert.Equal(Trace, Assert.Single(followed[2].Links).Context.TraceId.ToHexString());
        Assert.Empty(followed[0].Links);
    }

    [Fact]
    public void Who_does_not_ask_for_recording_takes_nothing_from_the_budget()
    {
        using var source = new ActivitySource(nameof(Who_does_not_ask_for_recording_takes_nothing_from_the_budget));
        using var recorder = new SpanRecorder(source.Name);
        var budget = new TraceBudget(perSecond: 1, burst: 1, new FakeTimeProvider());

        var spans = Enumerable.Range(0, 3).Select(_ => Start(source, $"00-{Trace}-{Span}-00", budget)!).ToArray();

        Assert.All(spans, span => Assert.Equal(Trace, span.TraceId.ToHexString()));
        Assert.True(budget.TryTake());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and-more")]
    public void What_is_no_context_begins_a_trace_without_a_link(string? traceparent)
    {
        using var source = new ActivitySource(nameof(What_is_no_context_begins_a_trace_without_a_link));
        using var recorder = new SpanRecorder(source.Name);

        var span = Start(source, traceparent, new TraceBudget(perSecond: 1, burst: 1, TimeProvider.System))!;

        Assert.Equal(default, span.ParentSpanId);
        Assert.Empty(span.Links);
    }

    [Fact]
    public void With_nobody_listening_there_is_no_span_and_no_budget_is_spent()
    {
        using var source = new ActivitySource(nameof(With_nobody_listening_there_is_no_span_and_no_budget_is_spent));
        var budget = new TraceBudget(perSecond: 1, burst: 1, new FakeTimeProvider());

        Assert.Null(Start(source, $"00-{Trace}-{Span}-01", budget));

        Assert.True(budget.TryTake());
    }

    /// <summary>Ended at once: the next one must not become its child.</summary>
    private static Activity? Start(ActivitySource source, string? traceparent, TraceBudget budget)
    {
        using var span = ForeignTrace.Start(source, "asked", ActivityKind.Server, traceparent, budget, static payer => payer.TryTake());
        return span;
    }
}
