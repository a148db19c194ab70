using System.Net.Sockets;
using Chat.Tests.Wires.Support;
using Chat.Wires;

namespace Chat.Tests.Wires;

/// <summary>The contract of a loop: one wire with much to do does not hold up the others.</summary>
public sealed class FairnessTests
{
    private static readonly WireOptions Small = new() { TurnBytesMax = 16 * 1024, TurnRequestsMax = 8 };

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Wire_that_is_flooded_gets_its_budget_of_bytes_a_turn_while_others_are_answered(WireEngine engine)
    {
        using var host = WireHost.Start(engine, Small);
        await host.RunAsync(async () =>
        {
            var (flooded, flooder) = await host.ConnectAsync();
            var (echo, client) = await host.ConnectAsync();
            var stop = false;
            var flooding = Task.Run(() => FloodAsync(flooder, () => Volatile.Read(ref stop)), TestContext.Current.CancellationToken);
            var most = 0L;
            var draining = DrainAsync(flooded, host.Loop, bytes => most = Math.Max(most, bytes));
            var echoing = TransferTests.EchoAsync(echo);

            for (var request = 0; request < 200; request++)
            {
                await client.SendAllAsync(new byte[10]);
                Assert.Equal(10, (await client.ReadExactlyAsync(10)).Length);
            }

            Volatile.Write(ref stop, true);
            await flooding;
            flooder.Dispose();
            await draining;
            client.Dispose();
            await echoing;
            Assert.InRange(most, 1, Small.TurnBytesMax);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Wire_with_a_thousand_requests_at_once_lets_another_in_between(WireEngine engine)
    {
        using var host = WireHost.Start(engine, Small);
        await host.RunAsync(async () =>
        {
            var (busy, many) = await host.ConnectAsync();
            var (quiet, one) = await host.ConnectAsync();
            await many.SendAllAsync(new byte[1000]);
            await one.SendAllAsync(new byte[1]);
            var order = new List<string>();

            await Task.WhenAll(AnswerAsync(busy, 1000, "busy"), AnswerAsync(quiet, 1, "quiet"));

            Assert.InRange(order.IndexOf("quiet"), 0, 4 * Small.TurnRequestsMax);
            foreach (var turn in order.Where(entry => entry != "quiet").GroupBy(entry => entry))
            {
                Assert.InRange(turn.Count(), 1, Small.TurnRequestsMax + 1);
            }

            async Task AnswerAsync(Wire wire, int requests, string who)
            {
                var buffer = new byte[4096];
                for (var left = requests; left > 0;)
                {
                    left -= await wire.ReceiveAsync(buffer) is var received and > 0 ? received : throw new InvalidOperationException();
                    for (var request = 0; request < received; request++)
                    {
                        await wire.NextRequestAsync();
                        order.Add(who == "quiet" ? who : $"{who} {host.Loop.Turn}");
                    }
                }
            }
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Wire_that_sends_without_pause_gets_its_budget_of_bytes_a_turn(WireEngine engine)
    {
        using var host = WireHost.Start(engine, Small);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            var reading = Task.Run(() => peer.ReadExactlyAsync(4_000_000), TestContext.Current.CancellationToken);
            var bytesOfTurn = new Dictionary<long, int>();

            for (var sent = 0; sent < 4_000_000; sent += 1000)
            {
                Assert.True(await wire.SendAsync(new byte[1000]));
                bytesOfTurn[host.Loop.Turn] = bytesOfTurn.GetValueOrDefault(host.Loop.Turn) + 1000;
            }

            await reading;

            // What was gathered, and then as much directly.
            Assert.InRange(bytesOfTurn.Values.Max(), 1, (2 * Small.TurnBytesMax) + 2000);
        });
    }

    private static async Task FloodAsync(Socket flooder, Func<bool> stop)
    {
        var bytes = new byte[256 * 1024];
        while (!stop())
        {
            await flooder.SendAllAsync(bytes);
        }
    }

    private static async Task DrainAsync(Wire wire, WireLoop loop, Action<long> noteTurn)
    {
        var buffer = new byte[256 * 1024];
        var (turn, bytes) = (0L, 0L);
        while (await wire.ReceiveAsync(buffer) is var received and > 0)
        {
            (turn, bytes) = (loop.Turn, loop.Turn == turn ? bytes + received : received);
            noteTurn(bytes);
        }

        wire.Dispose();
    }
}
