using Aspire.Local.Dashboard.Telemetry.Model;
using Aspire.Local.Dashboard.Telemetry.Traces;
using CsCheck;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class WaterfallTests
{
    // Ids from a small range: parents that are missing, repeated ids, spans that are their own parent, circles.
    private static readonly Gen<TraceSpan[]> AnySpans =
        Gen.Select(Gen.ULong[1, 12], Gen.ULong[0, 14], Gen.Long[0, 50], Gen.Long[0, 50])
            .Select(s => Some.Span(s.Item1, s.Item2, start: s.Item3, duration: s.Item4))
            .Array[1, 30];

    [Fact]
    public void Children_stand_below_their_parent_by_start()
    {
        var trace = Trace.From([Some.Span(3, parent: 1, start: 5), Some.Span(1), Some.Span(4, parent: 2, start: 9), Some.Span(2, parent: 1, start: 1)]);

        var rows = Waterfall.Layout(trace.Spans);

        Assert.Equal([(1UL, 0), (2UL, 1), (4UL, 2), (3UL, 1)], rows.Select(r => (r.Span.SpanId.Value, r.Depth)));
        Assert.Equal([3, 1, 0, 0], rows.Select(r => r.Descendants));
    }

    [Fact]
    public void Span_without_its_parent_is_a_root_and_says_so()
    {
        var rows = Waterfall.Layout(Trace.From([Some.Span(2, parent: 99), Some.Span(3, parent: 2)]).Spans);

        Assert.Equal([(2UL, 0, true), (3UL, 1, false)], rows.Select(r => (r.Span.SpanId.Value, r.Depth, r.IsOrphan)));
    }

    [Fact]
    public void Circle_is_cut_at_its_earliest_span()
    {
        var rows = Waterfall.Layout(Trace.From([Some.Span(1, parent: 2, start: 5), Some.Span(2, parent: 1, start: 3)]).Spans);

        Assert.Equal([2UL, 1UL], rows.Select(r => r.Span.SpanId.Value));
    }

    [Fact]
    public void Every_span_has_exactly_one_row_whatever_is_sent() => AnySpans.Sample(spans =>
    {
        var rows = Waterfall.Layout(Trace.From(spans).Spans);

        Assert.Equal(spans.Length, rows.Count);
        Assert.Equal(spans.Length, rows.Select(r => r.Span).Distinct(ReferenceEqualityComparer.Instance).Count());
    });

    [Fact]
    public void Descendants_are_the_deeper_rows_that_follow() => AnySpans.Sample(spans =>
    {
        var rows = Waterfall.Layout(Trace.From(spans).Spans);

        for (var i = 0; i < rows.Count; i++)
        {
            Assert.Equal(rows.Skip(i + 1).TakeWhile(r => r.Depth > rows[i].Depth).Count(), rows[i].Descendants);
        }
    });

    [Fact]
    public void Order_of_arrival_does_not_matter()
    {
        // Distinct ids and starts: there is one right answer.
        var tree = Gen.Int[1, 40].SelectMany(n => Gen.Int[0, int.MaxValue].Array[n].Select(Gen.Int[0, 1000].Array[n])).Select(t =>
            t.Item1.Select((r, i) => (Span: Some.Span((ulong)i + 1, parent: (ulong)(r % (i + 1)), start: i * 10), Order: t.Item2[i])).ToArray());

        tree.Sample(spans =>
        {
            var inOrder = Waterfall.Layout(Trace.From(spans.Select(s => s.Span)).Spans);
            var shuffled = Waterfall.Layout(Trace.From(spans.OrderBy(s => s.Order).Select(s => s.Span)).Spans);

            Assert.Equal(inOrder, shuffled);
        });
    }

    [Fact]
    public void Chain_of_a_hundred_thousand_spans_is_laid_out()
    {
        var spans = Enumerable.Range(1, 100_000).Select(i => Some.Span((ulong)i, parent: (ulong)i - 1, start: i)).ToArray();

        var rows = Waterfall.Layout(spans);

        Assert.Equal(99_999, rows[^1].Depth);
        Assert.Equal(99_999, rows[0].Descendants);
    }

    [Fact]
    public void Collapsed_span_hides_what_is_below_it()
    {
        var rows = Waterfall.Layout(Trace.From(
            [Some.Span(1), Some.Span(2, parent: 1, start: 1), Some.Span(3, parent: 2, start: 2), Some.Span(4, parent: 1, start: 3)]).Spans);

        var visible = Waterfall.Visible(rows, new HashSet<SpanId> { new(2) });

        Assert.Equal([1UL, 2UL, 4UL], visible.Select(r => r.Span.SpanId.Value));
    }
}
