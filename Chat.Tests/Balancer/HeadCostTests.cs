using System.Diagnostics;
using System.Text;
using Chat.Balancer.Heads;

namespace Chat.Tests.Balancer;

/// <summary>What a head costs grows with its length and with nothing else that its sender chooses.</summary>
public sealed class HeadCostTests
{
    private const int HeadBytes = 8 * 1024;

    private static readonly RequestHeadParser Parser = new(new HeadLimits(HeadBytes, 100, ConnectionTokensMax: 16));

    private static readonly Forwarding Forwarding = new("10.0.0.1", "http", "b");

    [Fact]
    public void Many_fields_and_a_long_Connection_field_cost_about_as_much_as_any_head_of_their_length()
    {
        var manyFields = string.Concat(Enumerable.Repeat("a:\r\n", 97));
        var heavy = Head(manyFields + "Connection:", ',');
        var ordinary = Head(manyFields + "X-Note:", 'n');

        var ratio = Median(heavy) / Median(ordinary);

        // A list that is looked through once more for each field: 70 and above.
        Assert.InRange(ratio, 0, 10);
    }

    [Fact]
    public void Connection_field_that_names_too_much_is_refused()
    {
        Assert.Equal(Refusal.ManyTokens, Parse($"Connection: {string.Join(',', Enumerable.Repeat("a", 17))}\r\n").Refusal);
        Assert.Equal(Refusal.ManyTokens, Parse(string.Concat(Enumerable.Repeat("Connection: a\r\n", 17))).Refusal);
        Assert.Null(Parse($"Connection: {string.Join(',', Enumerable.Repeat("a", 16))}\r\n").Refusal);
    }

    [Fact]
    public void Fields_that_Connection_names_stay_behind_wherever_it_stands()
    {
        var request = Parse("X-One: 1\r\nConnection: x-one ,, X-Two\r\nX-Two: 2\r\nX-Three: 3\r\nConnection: close\r\n").Head!;

        var forwarded = Encoding.Latin1.GetString(ForwardedHead.Request(request, Forwarding, keepAlive: false, traceparent: null).Span);

        Assert.DoesNotContain("X-One", forwarded, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("X-Two", forwarded, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("X-Three: 3\r\n", forwarded, StringComparison.Ordinal);
        Assert.False(request.KeepAlive);
    }

    [Fact]
    public void Head_that_comes_byte_by_byte_is_understood_as_the_same_head_at_once()
    {
        var bytes = Encoding.Latin1.GetBytes("GET /a HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n\r\n");

        var parsed = Enumerable.Range(1, bytes.Length).Select(length => Parser.Parse(bytes.AsSpan(0, length), seen: length - 1)).ToList();

        Assert.All(parsed[..^1], each => Assert.Equal(ParsedRequest.Incomplete, each));
        Assert.Equal(bytes.Length, parsed[^1].Length);
        Assert.Equal(Refusal.BadLineBreak, Parser.Parse("GET / HTTP/1.1\r\nHost: a\rx"u8, seen: 24).Refusal);
    }

    private static ParsedRequest Parse(string fields) => Parser.Parse(Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"));

    private static byte[] Head(string fields, char filling)
    {
        var head = $"GET / HTTP/1.1\r\nHost: a\r\n{fields}";
        return Encoding.Latin1.GetBytes(head + new string(filling, HeadBytes - head.Length - 4) + "\r\n\r\n");
    }

    private static double Median(byte[] head)
    {
        var times = Enumerable.Range(0, 31).Select(_ =>
        {
            var started = Stopwatch.GetTimestamp();
            ForwardedHead.Request(Parser.Parse(head).Head!, Forwarding, keepAlive: false, traceparent: null);
            return Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }).Order().ToList();
        return times[times.Count / 2];
    }
}
