using System.Diagnostics;
using System.Diagnostics.Metrics;
using Chat.Client;
using Chat.Protocol;
using Chat.Tests.Client.Scenarios;
using Chat.Tests.Support;

namespace Chat.Tests.Client;

public sealed class SendTests
{
    [Theory]
    [InlineData("", "id", ErrorCode.TextEmpty)]
    [InlineData("text", "two words", ErrorCode.BadId)]
    [InlineData("text", "", ErrorCode.BadId)]
    public async Task What_a_node_would_refuse_is_refused_before_it_is_sent(string text, string id, string code)
    {
        await using var world = new ScriptedWorld();
        var room = world.Join();

        var exception = await Assert.ThrowsAsync<ChatException>(() => room.SendAsync(new OutgoingMessage(text) { Id = id }));

        Assert.Equal(code, exception.Code);
        Assert.Empty(world.Heard("send"));
    }

    [Theory]
    [InlineData('x', 4096, null)]
    [InlineData('x', 4097, ErrorCode.TextTooLong)]
    [InlineData('ä', 2049, ErrorCode.TextTooLong)]
    [InlineData('\u0001', 4000, ErrorCode.TextTooLong)]
    public async Task A_text_is_held_against_the_limits_of_the_node_in_bytes_escapes_included(char letter, int count, string? code)
    {
        await using var world = new ScriptedWorld();
        var room = world.Join();

        var sending = room.SendAsync(new string(letter, count));

        Assert.Equal(code, (sending.Exception?.InnerException as ChatException)?.Code);
        Assert.Equal(code is null ? 1 : 0, world.Heard("send").Count);
    }

    [Fact]
    public async Task A_text_written_before_the_limits_are_known_is_held_against_them_when_they_are()
    {
        await using var world = new ScriptedWorld();
        _ = world.Client.JoinAsync("lobby");
        var sending = world.Client.Rooms.Single().SendAsync(new string('x', 5000));

        world.Accept();
        world.Say(new { type = "joined" });

        Assert.Equal(ErrorCode.TextTooLong, (await Assert.ThrowsAsync<ChatException>(() => Within.Seconds(10, sending.WaitAsync))).Code);
        Assert.Empty(world.Heard("send"));
    }

    [Fact]
    public async Task Cancelling_takes_back_what_was_not_sent_and_says_so()
    {
        await using var world = new ScriptedWorld();
        var room = world.Join();
        using var cancel = new CancellationTokenSource();
        _ = room.SendAsync("first");
        var second = room.SendAsync("second", cancel.Token);

        await cancel.CancelAsync();

        var exception = await Assert.ThrowsAsync<SendCanceledException>(() => second.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.False(exception.MayBeStored);
        world.Say(new { type = "ack", id = world.Heard("send").Single()["id"]!.GetValue<string>(), offset = 1 });
        world.Pass(60);
        Assert.Single(world.Heard("send"));
        Assert.Empty(world.Client.Pending);
    }

    [Fact]
    public async Task Cancelling_what_was_sent_says_that_it_may_be_stored_and_it_is_not_sent_again()
    {
        await using var world = new ScriptedWorld();
        var room = world.Join();
        using var cancel = new CancellationTokenSource();
        var first = room.SendAsync("first", cancel.Token);
        _ = room.SendAsync("second");

        await cancel.CancelAsync();

        Assert.True((await Assert.ThrowsAsync<SendCanceledException>(() => first.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken))).MayBeStored);
        Assert.Equal(["first", "second"], world.Heard("send").Select(frame => frame["text"]!.GetValue<string>()));
        world.Pass(60);
        Assert.Single(world.Heard("send"), frame => frame["text"]!.GetValue<string>() == "first");
    }

    [Fact]
    public async Task The_same_message_sent_twice_waits_for_the_same_ack()
    {
        await using var world = new ScriptedWorld();
        var room = world.Join();
        var message = new OutgoingMessage("hello");

        var sends = new[] { room.SendAsync(message), room.SendAsync(message) };
        world.Say(new { type = "ack", id = message.Id, offset = 7 });

        Assert.All(await Within.Seconds(10, Task.WhenAll(sends).WaitAsync), position => Assert.Equal(new Position("e1", 7), position));
        Assert.Single(world.Heard("send"));
    }

    [Fact]
    public async Task A_store_that_does_not_take_a_message_refuses_it_and_nothing_is_sent()
    {
        var store = new MemoryOutboxStore { Throws = true };
        await using var world = new ScriptedWorld(options => options with { OutboxStore = store });
        var room = world.Join();

        var exception = await Assert.ThrowsAsync<ChatException>(() => room.SendAsync("hello"));

        Assert.Equal(ChatException.OutboxFailed, exception.Code);
        Assert.IsType<IOException>(exception.InnerException);
        Assert.Empty(world.Heard("send"));
    }

    [Fact]
    public async Task A_stopped_client_with_a_store_sends_what_it_kept_when_it_is_started_again()
    {
        await using var world = new ScriptedWorld(options => options with { OutboxStore = new MemoryOutboxStore() });
        var sending = world.Join().SendAsync("hello");
        await world.Client.StopAsync();
        Assert.Equal(ChatException.Closed, (await Assert.ThrowsAsync<ChatException>(() => Within.Seconds(10, sending.WaitAsync))).Code);

        _ = world.Client.StartAsync();
        world.Accept();
        world.Say(new { type = "joined" });

        Assert.Equal("hello", world.Heard("send").Single()["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task Rooms_that_were_all_too_fast_share_the_one_budget_of_their_user()
    {
        await using var world = new ScriptedWorld();
        for (var i = 0; i < 100; i++)
        {
            _ = world.Join($"room-{i}").SendAsync(new OutgoingMessage("hello") { Id = $"id{i}" });
        }

        Assert.Equal(100, world.Heard("send").Count);
        for (var i = 0; i < 100; i++)
        {
            world.Say(new { type = "nack", id = $"id{i}", code = ErrorCode.RateLimited, retryable = true, retryAfterMs = 100 });
        }

        // Half of a hundred times the wait they were told.
        world.Pass(4.9);
        Assert.Equal(100, world.Heard("send").Count);
        world.Pass(1);
        Assert.Equal(200, world.Heard("send").Count);
    }

    [Fact]
    public async Task A_full_outbox_takes_no_more()
    {
        await using var world = new ScriptedWorld(options => options with { OutboxMessagesMax = 2 });
        var room = world.Join();
        _ = room.SendAsync("one");
        _ = room.SendAsync("two");

        Assert.Equal(ChatException.OutboxFull, (await Assert.ThrowsAsync<ChatException>(() => room.SendAsync("three"))).Code);
    }

    [Fact]
    public async Task A_message_carries_the_trace_of_its_sender()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ChatClient.TelemetryName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        var stopped = new List<Activity>();
        listener.ActivityStopped = stopped.Add;
        ActivitySource.AddActivityListener(listener);
        await using var world = new ScriptedWorld();
        var room = world.Join();

        var sending = room.SendAsync(new OutgoingMessage("hello") { Id = "traced" });
        world.Say(new { type = "ack", id = "traced", offset = 1 });
        await Within.Seconds(10, sending.WaitAsync);

        var activity = Assert.Single(stopped, activity => Equals(activity.GetTagItem("chat.message.id"), "traced"));
        Assert.Equal(activity.Id, world.Heard("send").Single()["traceparent"]!.GetValue<string>());
        Assert.Equal(ActivityKind.Producer, activity.Kind);
    }

    [Fact]
    public async Task Metrics_tell_of_connections_messages_and_acks()
    {
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == ChatClient.TelemetryName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        await using var world = new ScriptedWorld();
        var room = world.Join(messages: 3);

        _ = room.SendAsync(new OutgoingMessage("hello") { Id = "counted" });
        world.Pass(2);
        world.Say(new { type = "ack", id = "counted", offset = 4 });

        // Other tests count as well.
        Assert.All(
            ["chat.client.connections", "chat.client.messages.sent", "chat.client.messages.received", "chat.client.ack.duration"],
            name => Assert.Contains(name, seen.Keys));
    }
}
