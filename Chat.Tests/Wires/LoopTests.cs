using Chat.Tests.Wires.Support;
using Chat.Wires;
using Chat.Wires.Timing;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Wires;

/// <summary>The contract of a loop: its thread, its timers, what other threads hand to it.</summary>
public sealed class LoopTests
{
    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Connections_method_runs_on_the_loops_thread_from_accept_to_close(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var thread = Environment.CurrentManagedThreadId;
            var elsewhere = new List<string>();
            void Check(string after)
            {
                if (Environment.CurrentManagedThreadId != thread || Thread.CurrentThread.IsThreadPoolThread || !host.Loop.IsCurrent)
                {
                    elsewhere.Add(after);
                }
            }

            var (wire, peer) = await host.ConnectAsync(peerBufferBytes: 4096);
            Check("accept");
            var peersReading = Task.Run(() => peer.ReadExactlyAsync(4_000_000), TestContext.Current.CancellationToken);
            await wire.SendAsync(new byte[4_000_000]);
            Check("a send that waited");
            await host.Loop.DelayAsync(TimeSpan.FromMilliseconds(1));
            Check("a delay");
            await host.Loop.YieldAsync();
            Check("a yield");
            await peersReading;
            Check("a task of the thread pool");
            await Task.Run(static () => { }, CancellationToken.None);
            Check("another");
            await Task.Run(async () => await host.Loop.EnterAsync(), CancellationToken.None);
            Check("an entry by somebody else");
            var receiving = wire.ReceiveAsync(new byte[1]);
            var peersSending = Task.Run(() => peer.SendAllAsync(new byte[1]), TestContext.Current.CancellationToken);
            await receiving;
            Check("a receive that waited");
            await peersSending;
            await host.Loop.ConnectAsync(host.Listener.Address, TimeSpan.FromSeconds(5));
            Check("a connect");

            Assert.Empty(elsewhere);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Foreign_code_that_wants_no_context_stays_on_the_loop_too(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            var sending = Task.Run(() => peer.SendAllAsync(new byte[3]), TestContext.Current.CancellationToken);

            Assert.True(await OuterAsync(wire));

            await sending;
            Assert.True(host.Loop.IsCurrent);
        });

        // As TLS does it over a stream: two methods deep, and neither asks for the context.
        static async Task<bool> OuterAsync(Wire wire) => await InnerAsync(wire).ConfigureAwait(false) && wire.Loop.IsCurrent;

        static async Task<bool> InnerAsync(Wire wire)
        {
            await wire.ReadableAsync().ConfigureAwait(false);
            return await wire.ReceiveAsync(new byte[3]).ConfigureAwait(false) > 0 && wire.Loop.IsCurrent;
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Whoever_enters_from_elsewhere_goes_on_on_the_loop_and_is_told_when_it_has_ended(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        Assert.False(host.Loop.IsCurrent);

        await Task.Run(
            async () =>
            {
                await host.Loop.EnterAsync();
                Assert.True(host.Loop.IsCurrent);
            },
            CancellationToken.None);

        host.End();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await host.Loop.EnterAsync());
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Other_thread_that_touches_a_wire_is_told_so(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        Wire wire = null!;
        await host.RunAsync(async () => (wire, _) = await host.ConnectAsync());

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await wire.ReceiveAsync(new byte[1]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await wire.SendAsync(new byte[1]));
        Assert.Throws<InvalidOperationException>(wire.Abort);
        Assert.Throws<InvalidOperationException>(() => host.Loop.Share("x"u8));
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_other_threads_post_runs_once_each_and_in_the_order_of_each_thread(WireEngine engine)
    {
        const int Threads = 4, Posts = 20_000;
        using var host = WireHost.Start(engine);
        var last = new int[Threads];
        var wrong = 0;
        var left = Threads * Posts;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        void Run(object? state)
        {
            var (thread, number) = ((int, int))state!;
            wrong += number != last[thread] + 1 || !host.Loop.IsCurrent ? 1 : 0;
            last[thread] = number;
            if (--left == 0)
            {
                all.SetResult();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var number = 1; number <= Posts; number++)
            {
                host.Loop.Post(Run, (thread, number));
            }
        })));

        await all.Task.WaitAsync(WireHost.Most, TestContext.Current.CancellationToken);
        Assert.Equal(0, wrong);
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Posted_work_that_fails_does_not_take_the_loop_along(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        host.Loop.Post(static _ => throw new InvalidOperationException("mine"), null);

        await host.RunAsync(async () => Assert.True(await host.Loop.DelayAsync(TimeSpan.FromMilliseconds(1))));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.RunAsync(static () => throw new InvalidOperationException("yours")));
        Assert.Equal("yours", failure.Message);
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Timers_fire_in_the_order_of_their_time_and_not_before_it(WireEngine engine)
    {
        var clock = new FakeTimeProvider();
        using var host = WireHost.Start(engine, clock: clock);
        var fired = new List<int>();
        await host.RunAsync(() =>
        {
            foreach (var seconds in new[] { 30, 10, 20, 10, 40 })
            {
                _ = NoteAsync(seconds);
            }

            return Task.CompletedTask;
        });

        async Task NoteAsync(int seconds)
        {
            await host.Loop.DelayAsync(TimeSpan.FromSeconds(seconds));
            fired.Add(seconds);
        }

        async Task<int[]> AfterAsync(int seconds)
        {
            // A clock moved by hand wakes nobody.
            clock.Advance(TimeSpan.FromSeconds(seconds));
            await host.RunAsync(() => Task.CompletedTask);
            await host.RunAsync(() => Task.CompletedTask);
            return [.. fired];
        }

        Assert.Empty(await AfterAsync(9));
        Assert.Equal(new[] { 10, 10 }, await AfterAsync(1));
        Assert.Equal(new[] { 10, 10, 20, 30 }, await AfterAsync(20));
        Assert.Equal(new[] { 10, 10, 20, 30, 40 }, await AfterAsync(60));
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Deadline_ends_a_receive_and_one_that_was_cleared_does_not(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, _) = await host.ConnectAsync();
            using var deadline = host.Loop.DeadlineFor(wire);
            deadline.Set(TimeSpan.FromMilliseconds(5));
            deadline.Clear();
            await host.Loop.DelayAsync(TimeSpan.FromMilliseconds(20));
            Assert.False(deadline.Expired);

            deadline.Set(TimeSpan.FromMilliseconds(5));
            Assert.Equal(Wire.Stopped, await wire.ReceiveAsync(new byte[1]));
            Assert.True(deadline.Expired);

            wire.ReceiveAgain();
            using var patience = host.Loop.DeadlineFor(wire, aborts: true);
            patience.Set(TimeSpan.FromMilliseconds(5));
            Assert.Equal(Wire.Broken, await wire.ReceiveAsync(new byte[1]));
        });
    }

    [Fact]
    public async Task Heap_of_timers_gives_them_back_in_order_whatever_is_set_changed_and_cleared()
    {
        using var host = WireHost.Start(WireEngine.Sockets);
        await host.RunAsync(() =>
        {
            var random = new Random(7);
            var heap = new TimerHeap();
            var timers = Enumerable.Range(0, 200).Select(_ => new LoopTimer(host.Loop, () => { })).ToArray();
            var expected = new Dictionary<LoopTimer, long>();
            for (var step = 0; step < 20_000; step++)
            {
                var timer = timers[random.Next(timers.Length)];
                switch (random.Next(4))
                {
                    case 0:
                        heap.Clear(timer);
                        expected.Remove(timer);
                        break;
                    case 1:
                        var now = random.Next(1000);
                        var due = heap.TakeDue(now);
                        var first = expected.Count == 0 ? long.MaxValue : expected.Values.Min();
                        Assert.Equal(first <= now ? first : null, due?.Due);
                        Assert.True(due is null || expected.Remove(due));
                        break;
                    default:
                        expected[timer] = random.Next(1000);
                        heap.Set(timer, expected[timer]);
                        break;
                }

                Assert.Equal(expected.Count == 0 ? long.MaxValue : expected.Values.Min(), heap.NextDue);
                Assert.Equal(expected.ContainsKey(timer), timer.IsSet);
            }

            return Task.CompletedTask;
        });
    }
}
