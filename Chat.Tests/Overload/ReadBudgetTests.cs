using System.Net;
using System.Net.Http.Headers;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;

namespace Chat.Tests.Overload;

/// <summary>A frame of forty bytes can ask for two hundred thousand.</summary>
public sealed class ReadBudgetTests
{
    private const string Room = "lobby";

    /// <summary>Ten texts of a thousand bytes, without what stands around them.</summary>
    private const int PageBytes = 10 * 1000;

    [Fact]
    public async Task Who_reads_too_much_is_told_when_to_come_again_on_every_node_and_the_others_read_on()
    {
        string[] settings =
        [
            "RecoveryBytesMax=20000", "ReadBytesPerSecond=1000", "ReadBytesBurst=20000", "ReadBytesPrepaid=5000", "SendsPerSecond=1000", "SendsBurst=1000",
        ];
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var first = await TestNode.StartAsync(redis, "n0", settings);
        await using var second = await TestNode.StartAsync(redis, "n1", settings);
        await using var ada = await first.JoinAsync("ada", Room);
        for (var i = 0; i < 10; i++)
        {
            await ada.SendAsync(new SendFrame(Room, $"m{i}", new string('x', 1000)));
            await ada.NextAsync<AckFrame>();
        }

        var since = TimeProvider.System.GetTimestamp();
        await using var eve = await first.JoinAsync("eve", Room);
        await using var elsewhere = await second.JoinAsync("eve", Room);
        var (refused, pages) = await ReadUntilRefusedAsync(eve);
        var (alsoRefused, morePages) = await ReadUntilRefusedAsync(elsewhere);
        using var http = new HttpClient { BaseAddress = second.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", second.Token("eve"));
        using var page = await http.GetAsync(new Uri($"/api/rooms/{Room}/messages", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.All([refused, alsoRefused], error => Assert.Equal(ErrorCode.RateLimited, error.Code));
        Assert.InRange(refused.RetryAfterMs ?? 0, 1, 60_000);
        Assert.Equal(HttpStatusCode.TooManyRequests, page.StatusCode);
        Assert.NotNull(page.Headers.RetryAfter);

        // The two joins have read a page each, too; and what is overdrawn is a page a node.
        var granted = 20_000 + (1000 * TimeProvider.System.GetElapsedTime(since).TotalSeconds);
        Assert.InRange((pages + morePages + 2) * PageBytes, PageBytes, granted + (2 * PageBytes));
        await using var bob = await second.JoinAsync("bob", Room);
    }

    private static async Task<(ErrorFrame Refused, int Pages)> ReadUntilRefusedAsync(FramePeer peer)
    {
        for (var pages = 0; ; pages++)
        {
            await peer.SendAsync(new HistoryRequestFrame(Room));
            var answer = await peer.NextAsync<ServerFrame>(frame => frame is HistoryFrame or ErrorFrame);
            if (answer is ErrorFrame refused)
            {
                return (refused, pages);
            }
        }
    }

    [Fact]
    public async Task A_room_in_which_nothing_was_said_is_soon_forgotten_and_kept_while_somebody_is_in_it()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var node = await TestNode.StartAsync(redis, "n0", "RecheckPeriod=00:00:00.5", "EmptyRoomMemory=00:00:02");
        await using var ada = await node.JoinAsync("ada", "empty");
        var database = node.Get<RedisCalls>().Database;

        Assert.InRange((await database.KeyTimeToLiveAsync("chat:{empty}:meta"))!.Value, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(2));
        var since = TimeProvider.System.GetTimestamp();
        await Within.True(20, () => Task.FromResult(TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(4)), "twice as long");

        Assert.True(await database.KeyExistsAsync("chat:{empty}:meta"));
        Assert.DoesNotContain(ada.Frames, frame => frame is JoinedFrame);
    }
}
