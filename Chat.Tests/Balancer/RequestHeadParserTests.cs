using System.Text;
using Chat.Balancer.Heads;
using CsCheck;

namespace Chat.Tests.Balancer;

public sealed class RequestHeadParserTests
{
    private const int HeadBytesMax = 2048;

    private static readonly RequestHeadParser Parser = new(new HeadLimits(HeadBytesMax, 20, ConnectionTokensMax: 16));

    private static readonly Gen<string> Token = Gen.String[Gen.Char["abcXYZ019-_.!"], 1, 12];

    private static readonly Gen<string> Value = Gen.String[Gen.Char[" \tabc;=,/\"09~"], 0, 30];

    private static readonly Gen<(string Name, string Value)[]> Fields = Gen.Select(Token, Value, (name, value) => ("x-" + name, value)).Array[0, 8];

    [Fact]
    public void Well_formed_head_is_understood_and_its_length_is_exact()
    {
        Gen.Select(Token, Gen.String[Gen.Char["abc/?&=%2"], 0, 20], Fields, Gen.String[0, 20]).Sample((method, path, fields, behind) =>
        {
            var head = $"{method} /{path} HTTP/1.1\r\nHost: a\r\n"
                + string.Concat(fields.Select(field => $"{field.Name}:{field.Value}\r\n")) + "\r\n";

            var parsed = Parser.Parse(Encoding.Latin1.GetBytes(head + behind));

            Assert.Null(parsed.Refusal);
            Assert.Equal(head.Length, parsed.Length);
            Assert.Equal((method, "/" + path), (parsed.Head!.Method, parsed.Head.Target));
            Assert.Equal(
                fields.Select(field => (field.Name, field.Value.Trim(' ', '\t'))),
                Enumerable.Range(1, fields.Length).Select(i => (Grammar.Text(parsed.Head.Fields.Name(i)), Grammar.Text(parsed.Head.Fields.Value(i)))));
        });
    }

    [Fact]
    public void Every_beginning_of_a_good_head_is_incomplete_and_never_refused()
    {
        var head = "GET /ws?access_token=x HTTP/1.1\r\nHost: chat:8080\r\nX: y\r\n\r\n"u8.ToArray();

        for (var length = 0; length < head.Length; length++)
        {
            Assert.Equal(ParsedRequest.Incomplete, Parser.Parse(head.AsSpan(0, length)));
        }
    }

    /// <summary>What the parser lets through, written out again, has one reading: no bare break, one framing, the same fields.</summary>
    [Fact]
    public void Mutated_heads_are_refused_or_forwarded_unambiguously()
    {
        string[] seeds =
        [
            "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n0\r\n\r\n",
        ];
        string[] splices = ["\r", "\n", "\r\n", "\0", " ", "\t", ":", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "\r\n\r\n", "Host: b\r\n", ",", "\u0085", "HTTP/1.1"];
        var random = new Random(20240501);
        var passed = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var text = seeds[random.Next(seeds.Length)];
            for (var edits = random.Next(4); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                text = random.Next(3) switch
                {
                    0 => text.Remove(at, Math.Min(random.Next(1, 4), text.Length - at)),
                    1 => text.Insert(at, splices[random.Next(splices.Length)]),
                    _ => text[..at] + (char)random.Next(256) + text[(at + 1)..],
                };
                text = text.Length == 0 ? "x" : text;
            }

            var parsed = Parser.Parse(Encoding.Latin1.GetBytes(text));
            if (parsed.Head is { } head)
            {
                passed++;
                AssertUnambiguous(head);
            }
        }

        Assert.InRange(passed, 10_000, 190_000);
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            var parsed = Parser.Parse(bytes);
            return parsed.Head is null || parsed.Refusal is null;
        });
    }

    [Fact]
    public void Head_above_the_limit_is_refused_complete_or_not()
    {
        var whole = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('y', HeadBytesMax) + "\r\n\r\n");

        Assert.Equal(Refusal.BigHead, Parser.Parse(whole).Refusal);
        Assert.Equal(Refusal.BigHead, Parser.Parse(whole.AsSpan(0, HeadBytesMax)).Refusal);
        Assert.Null(Parser.Parse(whole.AsSpan(0, HeadBytesMax - 1)).Refusal);
    }

    private static void AssertUnambiguous(RequestHead head)
    {
        var forwarded = ForwardedHead.Request(head, new Forwarding("1.2.3.4", "http", "b"), keepAlive: false, null).ToArray();
        var again = Parser.Parse(forwarded);

        Assert.NotNull(again.Head);
        Assert.Equal(forwarded.Length, again.Length);
        Assert.Equal(
            (head.Method, head.Target, head.Host, head.Framing, head.IsWebSocket),
            (again.Head.Method, again.Head.Target, again.Head.Host, again.Head.Framing, again.Head.IsWebSocket));
        Assert.InRange(
            again.Head.Fields.Find("content-length"u8, out _) + again.Head.Fields.Find("transfer-encoding"u8, out _), 0, 1);
    }
}
