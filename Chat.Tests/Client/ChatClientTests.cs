using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Chat.Client;
using Chat.Protocol;
using Chat.Tests.Support;

namespace Chat.Tests.Client;

public sealed class ChatClientTests
{
    [Fact]
    public async Task A_client_connects_when_it_is_started_and_not_before()
    {
        await using var world = new ScriptedWorld();
        Assert.Equal((ConnectionState.Stopped, 0), (world.Client.Status.State, world.Attempts));

        var starting = world.Client.StartAsync();
        world.Accept();

        await Within.Seconds(10, starting.WaitAsync);
        Assert.Equal((ConnectionState.Connected, "n1", "ada"), (world.Client.Status.State, world.Client.Status.Node, world.Client.User));
    }

    [Fact]
    public async Task A_join_through_a_wrong_address_ends_with_what_is_wrong()
    {
        await using var client = new ChatClient(new ChatClientOptions
        {
            Url = new Uri($"http://127.0.0.1:{UnusedPort()}"),
            Token = _ => Task.FromResult("token"),
            JoinTimeout = TimeSpan.FromSeconds(1),
        });

        var exception = await Assert.ThrowsAsync<ChatException>(() => Within.Seconds(20, token => client.JoinAsync("lobby", token)));

        Assert.Equal(ChatException.Timeout, exception.Code);
        Assert.IsType<WebSocketException>(exception.InnerException);
        Assert.Contains(exception.InnerException.Message, exception.Message, StringComparison.Ordinal);
        Assert.IsType<WebSocketException>(client.Status.Error);
        Assert.Empty(client.Rooms);
    }

    [Fact]
    public async Task A_start_that_gets_no_token_ends_with_what_the_provider_threw()
    {
        await using var world = new ScriptedWorld(options => options with { Token = _ => throw new IOException("No such user.") });

        var starting = world.Client.StartAsync();
        world.Pass(31);

        var exception = await Assert.ThrowsAsync<ChatException>(() => Within.Seconds(10, starting.WaitAsync));
        Assert.Equal(ChatException.Timeout, exception.Code);
        Assert.Equal("No such user.", Assert.IsType<IOException>(exception.InnerException).Message);
    }

    [Fact]
    public async Task A_join_that_its_caller_gives_up_is_left_again()
    {
        await using var world = new ScriptedWorld();
        using var giveUp = new CancellationTokenSource();
        var joining = world.Client.JoinAsync("lobby", giveUp.Token);
        world.Accept();

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joining.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Empty(world.Client.Rooms);
        Assert.Single(world.Heard("leave"));
    }

    [Fact]
    public async Task A_join_given_up_by_one_stays_for_another()
    {
        await using var world = new ScriptedWorld();
        using var giveUp = new CancellationTokenSource();
        var first = world.Client.JoinAsync("lobby", giveUp.Token);
        var second = world.Client.JoinAsync("lobby");
        world.Accept();

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        world.Say(new { type = "joined" });

        Assert.Equal("lobby", (await Within.Seconds(10, second.WaitAsync)).Name);
        Assert.Empty(world.Heard("leave"));
    }

    [Fact]
    public async Task A_room_that_nobody_reads_holds_up_no_other_and_says_what_it_dropped()
    {
        await using var world = new ScriptedWorld(options => options with { RoomEventsMax = 100 });
        var unread = world.Join("unread");
        var read = world.Join("read");

        for (var offset = 1; offset <= 1000; offset++)
        {
            world.Say(new { type = "message", room = "unread", offset });
        }

        world.Say(new { type = "message", room = "read", offset = 1 });

        Assert.Equal(1, (await read.TakeAsync(1)).Single().Offset);
        var dropped = Assert.IsType<EventsDropped>(unread.TakeEvent());
        Assert.Equal(new EventsDropped(900, 1, 900), dropped);
        Assert.Equal(Enumerable.Range(901, 100).Select(offset => (long)offset), (await unread.TakeAsync(100)).Select(message => message.Offset));
        Assert.Equal(1000, unread.Last!.Offset);
    }

    [Fact]
    public async Task An_end_for_good_is_told_to_everybody_who_waits()
    {
        await using var world = new ScriptedWorld();
        var room = world.Join(messages: 1);
        var sending = room.SendAsync("hello");
        var history = room.ReadHistoryAsync();

        world.Socket.End((int)CloseCode.Kicked);

        Assert.Equal((ConnectionState.Closed, (int)CloseCode.Kicked), (world.Client.Status.State, world.Client.Status.CloseCode));
        Assert.Single(await room.TakeAsync(1));
        var reading = Within.Seconds(10, token => room.ReadMessagesAsync(token).FirstAsync(token).AsTask());
        foreach (var waiting in new Task[] { sending, history, reading, world.Client.JoinAsync("attic"), room.SendAsync("more") })
        {
            Assert.Equal(ChatException.Closed, (await Assert.ThrowsAsync<ChatException>(() => Within.Seconds(10, waiting.WaitAsync))).Code);
        }
    }

    [Fact]
    public async Task A_node_of_another_version_of_the_protocol_is_the_end()
    {
        await using var world = new ScriptedWorld();
        var starting = world.Client.StartAsync();

        var socket = world.AcceptSilently();
        world.Say(new { type = "hello", protocol = 2 });

        var exception = await Assert.ThrowsAsync<ChatException>(() => Within.Seconds(10, starting.WaitAsync));
        Assert.Contains("version 2", exception.Message, StringComparison.Ordinal);
        Assert.True(socket.IsClosed);
    }

    [Fact]
    public async Task A_later_run_goes_on_where_the_earlier_one_has_ended()
    {
        await using var world = new ScriptedWorld();
        _ = world.Client.JoinAsync("lobby", new Position("e1", 41));
        world.Accept();
        var room = world.Client.Rooms.Single();

        Assert.Equal(41, world.Heard("join").Single()["after"]!["offset"]!.GetValue<int>());
        world.Say(new { type = "joined", messages = new[] { "42-43" } });

        Assert.Equal([42, 43], (await room.TakeAsync(2)).Select(message => message.Offset));
    }

    [Fact]
    public async Task A_hundred_rooms_are_joined_a_few_at_a_time()
    {
        await using var world = new ScriptedWorld();
        for (var i = 0; i < 100; i++)
        {
            _ = world.Client.JoinAsync($"room-{i}");
        }

        world.Accept();

        var joined = 0;
        while (joined < 100)
        {
            var asked = world.Heard("join");
            Assert.InRange(asked.Count, 1, 8);
            world.Socket.Heard.Clear();
            foreach (var join in asked)
            {
                joined++;
                world.Say(new { type = "joined", room = join["room"]!.GetValue<string>() });
            }
        }

        Assert.Equal(100, world.Client.Rooms.Count(room => room.Last is not null));
    }

    [Fact]
    public async Task What_a_handler_throws_ends_nothing()
    {
        await using var world = new ScriptedWorld();
        world.Client.StatusChanged += _ => throw new InvalidOperationException("not ours");

        var room = world.Join(messages: 2);

        Assert.Equal(2, (await room.TakeAsync(2)).Count);
        Assert.Equal(ConnectionState.Connected, world.Client.Status.State);
    }

    [Fact]
    public async Task Status_tells_of_each_try_and_what_went_wrong()
    {
        await using var world = new ScriptedWorld();
        var told = new List<ConnectionStatus>();
        world.Client.StatusChanged += told.Add;
        _ = world.Client.StartAsync();
        world.Accept();

        world.Socket.End((int)CloseCode.SlowConsumer);
        world.Pass(10);
        world.Accept();

        Assert.Equal(
            [ConnectionState.Connecting, ConnectionState.Connected, ConnectionState.Waiting, ConnectionState.Connecting, ConnectionState.Connected],
            told.Select(status => status.State));
        Assert.Equal(((int?)4001, TimeSpan.FromMilliseconds(125)), (told[2].CloseCode, told[2].RetryIn));
    }

    [Fact]
    public async Task Reads_that_the_node_left_aside_are_told_again_later()
    {
        await using var world = new ScriptedWorld();
        var room = world.Join(messages: 5);
        room.MarkRead(5);
        Assert.Single(world.Heard("read"));

        world.Say(new { type = "error", code = ErrorCode.RateLimited });
        world.Pass(3);
        Assert.Single(world.Heard("read"));
        world.Pass(3);

        Assert.Equal(2, world.Heard("read").Count);
    }

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
