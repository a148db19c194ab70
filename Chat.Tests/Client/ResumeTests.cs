using Chat.Client;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Support;

namespace Chat.Tests.Client;

public sealed class ResumeTests
{
    private const string Room = "lobby";

    [Fact]
    public async Task A_hole_is_asked_for_from_the_last_position_and_shown_in_order()
    {
        await using var node = await ScriptedNode.StartAsync();
        await using var client = node.Connect();
        var room = await JoinAsync(node, client, top: 3);

        await node.SayMessageAsync(Room, 4);
        await node.SayMessageAsync(Room, 7);
        var again = await node.HearAsync<JoinFrame>();
        await node.SayMessageAsync(Room, 8);
        await node.SayAsync(Joined(8, recovered: true, 5, 6, 7, 8));

        Assert.Equal(new Position(ScriptedNode.Epoch, 4), again.After);
        Assert.Equal([4, 5, 6, 7, 8], (await room.TakeAsync(5)).Select(message => message.Offset));
        Assert.False(node.HasHeard);
    }

    [Fact]
    public async Task A_hole_that_cannot_be_read_now_is_asked_for_again_and_nothing_is_sent_until_then()
    {
        await using var node = await ScriptedNode.StartAsync();
        await using var client = node.Connect();
        var room = await JoinAsync(node, client, top: 3);
        await node.SayMessageAsync(Room, 5);
        await node.HearAsync<JoinFrame>();

        var sending = room.SendAsync(new OutgoingMessage("text") { Id = "id" });
        await node.SayAsync(new ErrorFrame(ErrorCode.Unavailable, "Redis does not answer.", Room));

        var again = await node.HearAsync<JoinFrame>();
        Assert.Equal(new Position(ScriptedNode.Epoch, 3), again.After);
        await node.SayAsync(Joined(5, recovered: true, 4, 5));
        Assert.Equal("id", (await node.HearAsync<SendFrame>()).Id);
        await node.SayAsync(new AckFrame("id", Room, ScriptedNode.Epoch, 6));
        Assert.Equal(6, (await Within.Seconds(10, sending.WaitAsync)).Offset);
        Assert.Equal([4, 5], (await room.TakeAsync(2)).Select(message => message.Offset));
    }

    [Fact]
    public async Task What_was_not_acked_is_sent_again_on_the_next_connection_in_its_order_and_once_acked_never_again()
    {
        await using var node = await ScriptedNode.StartAsync();
        await using var client = node.Connect();
        var room = await JoinAsync(node, client, top: 0);
        var sends = Enumerable.Range(0, 3).Select(index => room.SendAsync(new OutgoingMessage("text") { Id = $"id{index}" })).ToArray();
        await node.HearAsync<SendFrame>();

        node.Cut();

        Assert.Equal(new Position(ScriptedNode.Epoch, 0), (await node.HearAsync<JoinFrame>()).After);
        await node.SayAsync(Joined(0, recovered: true));
        for (var index = 0; index < sends.Length; index++)
        {
            Assert.Equal($"id{index}", (await node.HearAsync<SendFrame>()).Id);
            await node.SayAsync(new AckFrame($"id{index}", Room, ScriptedNode.Epoch, index + 1));
            Assert.Equal(index + 1, (await Within.Seconds(10, sends[index].WaitAsync)).Offset);
        }

        Assert.False(node.HasHeard);
    }

    [Fact]
    public async Task A_resume_that_is_not_possible_is_told_in_the_stream()
    {
        await using var node = await ScriptedNode.StartAsync();
        await using var client = node.Connect();
        var room = await JoinAsync(node, client, top: 3);
        await node.SayMessageAsync(Room, 4);
        Assert.Equal(4, (await room.TakeAsync(1)).Single().Offset);

        node.Cut();
        await node.HearAsync<JoinFrame>();
        await node.SayAsync(Joined(2, recovered: false, 1, 2));

        var events = new List<RoomEvent>();
        await Within.Seconds(
            10,
            async token =>
            {
                await foreach (var happened in room.ReadAllAsync(token))
                {
                    events.Add(happened);
                    if (events.Count == 3)
                    {
                        return;
                    }
                }
            },
            "three events");
        Assert.Equal(
            [
                new ContinuityLost(new Position(ScriptedNode.Epoch, 4), new Position(ScriptedNode.Epoch, 2)),
                new MessageReceived(ScriptedNode.Message(Room, 1)),
                new MessageReceived(ScriptedNode.Message(Room, 2)),
            ],
            events);
    }

    private static async Task<ChatRoom> JoinAsync(ScriptedNode node, ChatClient client, long top)
    {
        var joining = client.JoinAsync(Room);
        Assert.Null((await node.HearAsync<JoinFrame>()).After);
        await node.SayAsync(Joined(top, recovered: true));
        return await Within.Seconds(10, joining.WaitAsync, "joined");
    }

    private static JoinedFrame Joined(long top, bool recovered, params long[] offsets) =>
        new(Room, ScriptedNode.Epoch, top, recovered, [.. offsets.Select(offset => ScriptedNode.Message(Room, offset))]);
}
