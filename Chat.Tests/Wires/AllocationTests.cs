using Chat.Tests.Wires.Support;
using Chat.Wires;

namespace Chat.Tests.Wires;

/// <summary>What the steady path takes from the collector: nothing.</summary>
public sealed class AllocationTests
{
    [Theory]
    [MemberData(nameof(Engines.OfLinux), MemberType = typeof(Engines))]
    public async Task Fan_out_allocates_nothing(WireEngine engine)
    {
        const int Members = 50, Warmup = 50, Rounds = 500, Bytes = 110;
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var members = new List<Wire>();
            var readings = new List<Task>();
            for (var i = 0; i < Members; i++)
            {
                var (member, reader) = await host.ConnectAsync();
                members.Add(member);
                readings.Add(Task.Run(() => reader.ReadExactlyAsync(Rounds * Bytes), TestContext.Current.CancellationToken));
            }

            // A publication comes in on one wire, and goes out on all.
            var (source, publisher) = await host.ConnectAsync();
            var publishing = Task.Run(() => PublishAsync(publisher), TestContext.Current.CancellationToken);
            var publication = new byte[Bytes];
            var before = 0L;
            for (var round = 0; round < Rounds; round++)
            {
                before = round == Warmup ? GC.GetAllocatedBytesForCurrentThread() : before;
                for (var read = 0; read < Bytes;)
                {
                    read += await source.ReceiveAsync(publication.AsMemory(read));
                }

                using (var shared = host.Loop.Share(publication))
                {
                    foreach (var member in members)
                    {
                        Assert.True(member.Queue(shared));
                    }
                }

                // The publisher waits for it, so that each round waits for a turn and its news.
                await source.SendAsync(publication.AsMemory(0, 1));
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(0, allocated);
            await Task.WhenAll([publishing, .. readings]);
        });

        static async Task PublishAsync(System.Net.Sockets.Socket publisher)
        {
            for (var round = 0; round < Rounds; round++)
            {
                await publisher.SendAllAsync(new byte[Bytes]);
                await publisher.ReadExactlyAsync(1);
            }
        }
    }
}
