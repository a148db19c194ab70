using System.Net;
using System.Net.Sockets;
using System.Text;
using Chat.Lab.Cluster;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Tests.Cluster;

/// <summary>What no client of ours sends: each is answered, and the node goes on.</summary>
[Collection(ClusterSuite.Name)]
public sealed class HostileInputTests : IAsyncLifetime
{
    private const string Room = "lobby";
    private const int FrameBytesMax = 16 * 1024;

    private static readonly (string Name, byte[] Bytes)[] Violations =
    [
        ("binary frame", RawWebSocket.Frame(0x82, "{}"u8)),
        ("not masked", [0x81, 2, (byte)'{', (byte)'}']),
        ("reserved bit", RawWebSocket.Frame(0xC1, "{}"u8)),
        ("unknown opcode", RawWebSocket.Frame(0x83, "{}"u8)),
        ("not UTF-8", RawWebSocket.Frame(0x81, [0xC3, 0x28])),
        ("oversized", RawWebSocket.Frame(0x81, new byte[FrameBytesMax + 1])),
        ("oversized by its header alone", [0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]),
        ("negative length", [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]),
        ("oversized in fragments", [.. RawWebSocket.Frame(0x01, new byte[FrameBytesMax]), .. RawWebSocket.Frame(0x80, new byte[1])]),
        ("continuation of nothing", RawWebSocket.Frame(0x80, "{}"u8)),
        ("message inside a message", [.. RawWebSocket.Frame(0x01, "{"u8), .. RawWebSocket.Frame(0x81, "{}"u8)]),
        ("control frame in fragments", RawWebSocket.Frame(0x09, "x"u8)),
        ("long control frame", RawWebSocket.Frame(0x89, new byte[126])),
        ("length not in its shortest form", [0x81, 0xFE, 0, 2, 0, 0, 0, 0, (byte)'{', (byte)'}']),
    ];

    private static readonly (string Text, string Code)[] Errors =
    [
        ("", ErrorCode.Malformed),
        ("no json", ErrorCode.Malformed),
        ("[]", ErrorCode.Malformed),
        ("{}", ErrorCode.Malformed),
        ("""{"type":7}""", ErrorCode.Malformed),
        ("""{"type":"join"}""", ErrorCode.Malformed),
        ("""{"type":"join","room":null}""", ErrorCode.Malformed),
        ("""{"type":"join","room":"\ud800"}""", ErrorCode.Malformed),
        ("""{"type":"join","room":"a","after":{"epoch":"e","offset":-1}}""", ErrorCode.Malformed),
        ("""{"type":"join","room":"a","after":{"epoch":"e","offset":1e99}}""", ErrorCode.Malformed),
        ("""{"type":"join","room":"a b"}""", ErrorCode.BadRoom),
        ("""{"type":"join","room":"dm:a:b"}""", ErrorCode.Forbidden),
        ("""{"type":"dance"}""", ErrorCode.UnknownType),
        ($$"""{"type":{{new string('[', 5000)}}""", ErrorCode.Malformed),
    ];

    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync() =>
        _cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 1, Redis = RedisServerKind.RedisServer });

    public async ValueTask DisposeAsync()
    {
        // Whatever came, the node serves the next one.
        if (_cluster is not null)
        {
            Assert.True(await _cluster.Nodes[0].IsReadyAsync());
            Assert.DoesNotContain("fail:", _cluster.Nodes[0].Output, StringComparison.Ordinal);
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task Every_violation_of_the_protocol_is_told_and_closed()
    {
        foreach (var (name, bytes) in Violations)
        {
            using var raw = await ConnectAsync();

            await raw.SendAsync(bytes);

            var (code, _) = await raw.ReadToCloseAsync();
            Assert.True(code == (int)CloseCode.ProtocolError, $"{name}: {code}");
        }
    }

    [Fact]
    public async Task Every_frame_that_cannot_be_used_is_answered_and_the_connection_stays()
    {
        using var raw = await ConnectAsync();
        foreach (var (text, error) in Errors)
        {
            await raw.SendTextAsync(text);

            Assert.Equal((text, error), (text, (await raw.ReadAsync<ErrorFrame>()).Code));
        }

        await raw.SendAsync(new JoinFrame(Room));
        await raw.ReadAsync<JoinedFrame>();
    }

    [Fact]
    public async Task A_message_in_the_smallest_fragments_with_pings_between_them_is_one_message()
    {
        using var raw = await ConnectAsync();
        var text = FrameCodec.Encode(new JoinFrame(Room));
        for (var i = 0; i < text.Length; i++)
        {
            var first = (byte)((i == text.Length - 1 ? 0x80 : 0) | (i == 0 ? 1 : 0));
            await raw.SendAsync([.. RawWebSocket.Frame(first, text.AsSpan(i, 1)), .. RawWebSocket.Frame(0x89, "p"u8)]);
        }

        while (true)
        {
            if ((await raw.ReadAsync()).Frame is JoinedFrame joined)
            {
                Assert.Equal(Room, joined.Room);
                return;
            }
        }
    }

    [Fact]
    public async Task Sends_before_the_join_and_out_of_bounds_are_nacked()
    {
        using var raw = await ConnectAsync();

        await raw.SendAsync(new SendFrame(Room, "1", "text"));
        Assert.Equal(("1", ErrorCode.NotJoined), Of(await raw.ReadAsync<NackFrame>()));

        await raw.SendAsync(new JoinFrame(Room));
        await raw.ReadAsync<JoinedFrame>();
        await raw.SendAsync(new SendFrame(Room, "2", ""));
        Assert.Equal(("2", ErrorCode.TextEmpty), Of(await raw.ReadAsync<NackFrame>()));
        await raw.SendAsync(new SendFrame(Room, "3", new string('ä', 2049)));
        Assert.Equal(("3", ErrorCode.TextTooLong), Of(await raw.ReadAsync<NackFrame>()));
        await raw.SendAsync(new SendFrame(Room, "4 4", "text"));
        Assert.Equal(("4 4", ErrorCode.BadId), Of(await raw.ReadAsync<NackFrame>()));
        await raw.SendAsync(new SendFrame(Room, "5", new string('ä', 2048)));
        Assert.Equal("5", (await raw.ReadAsync<AckFrame>()).Id);
    }

    [Fact]
    public async Task A_flood_of_what_cannot_be_used_ends_the_connection_and_no_other()
    {
        using var other = await ConnectAsync();
        using var raw = await ConnectAsync();
        var flood = Enumerable.Repeat(RawWebSocket.Frame(0x81, "no json"u8), 2000).SelectMany(frame => frame).ToArray();

        await raw.SendAsync(flood);

        var (code, before) = await raw.ReadToCloseAsync();
        Assert.Equal((int)CloseCode.ProtocolError, code);

        // 50 a minute: those, the one that ends it, and what is forgiven while they come.
        Assert.InRange(before.OfType<ErrorFrame>().Count(), 1, 60);
        await other.SendAsync(new JoinFrame(Room));
        await other.ReadAsync<JoinedFrame>();
    }

    [Fact]
    public async Task What_is_no_handshake_is_answered_by_HTTP_or_cut()
    {
        byte[][] openings =
        [
            [0, 1, 2, 3, 0xFF, .. "\r\n\r\n"u8],
            "GET /ws HTTP/1.1\r\nHost: chat\r\n\r\n"u8.ToArray(),
            "GET /ws HTTP/1.1\r\nHost: chat\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: x\r\n\r\n"u8.ToArray(),
            [.. "GET /ws HTTP/1.1\r\nHost: chat\r\nX: "u8, .. Enumerable.Repeat((byte)'x', 20_000), .. "\r\n\r\n"u8],
        ];
        foreach (var opening in openings)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, _cluster.Nodes[0].DirectUrl.Port);
            await socket.SendAsync(opening.AsMemory());

            var answer = new byte[64];
            var length = await socket.ReceiveAsync(answer.AsMemory(), TestContext.Current.CancellationToken);

            Assert.StartsWith("HTTP/1.1 4", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_handshake_in_pieces_and_one_on_a_kept_connection_are_answered()
    {
        using var pieces = await RawWebSocket.ConnectAsync(_cluster.Nodes[0].DirectUrl, _cluster.TokenFor("mallory"), pieces: 5);
        await pieces.ReadAsync<HelloFrame>();
        using var kept = await RawWebSocket.ConnectAsync(_cluster.Nodes[0].DirectUrl, _cluster.TokenFor("mallory"), afterRequest: true);
        await kept.ReadAsync<HelloFrame>();
    }

    [Fact]
    public async Task Who_sends_on_after_a_violation_reads_why_it_was_closed()
    {
        using var raw = await ConnectAsync();

        await raw.SendAsync([.. RawWebSocket.Frame(0x82, "{}"u8), .. new byte[100_000]]);
        await raw.SendAsync(new byte[100_000]);

        var (code, _) = await raw.ReadToCloseAsync();
        Assert.Equal((int)CloseCode.ProtocolError, code);
    }

    private static (string Id, string Code) Of(NackFrame nack) => (nack.Id, nack.Code);

    private async Task<RawWebSocket> ConnectAsync()
    {
        var raw = await RawWebSocket.ConnectAsync(_cluster.Nodes[0].DirectUrl, _cluster.TokenFor("mallory"));
        await raw.ReadAsync<HelloFrame>();
        return raw;
    }
}
