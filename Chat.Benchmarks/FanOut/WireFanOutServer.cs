using System.Net;
using Chat.Wires;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chat.Benchmarks.FanOut;

/// <summary>Sends what the first connection says to all others, over one loop.</summary>
internal static class WireFanOutServer
{
    public const string Switch = "--serve-wires";

    public static async Task RunAsync(WireEngine engine, int port)
    {
        using var loops = WireLoops.Start(new WireOptions { Engine = engine, Loops = 1 }, TimeProvider.System, NullLogger.Instance);
        var loop = loops.All[0];
        await loop.RunAsync(async () =>
        {
            using var listener = loop.Listen(WireListener.Bind(new IPEndPoint(IPAddress.Loopback, port), 4096, shared: false));
            var members = new List<Wire>();
            var publisher = (await listener.AcceptAsync())!;
            var publishing = PublishAsync(loop, publisher, members);
            _ = AcceptMembersAsync(listener, members);
            await publishing;
        });
    }

    private static async Task AcceptMembersAsync(WireListener listener, List<Wire> members)
    {
        while (await listener.AcceptAsync() is { } member)
        {
            members.Add(member);
            _ = WatchAsync(member);
        }
    }

    /// <summary>As every server does: a member may say something, or go.</summary>
    private static async Task WatchAsync(Wire member)
    {
        while (await member.ReceiveAsync(new byte[64]) > 0)
        {
        }
    }

    private static async Task PublishAsync(WireLoop loop, Wire publisher, List<Wire> members)
    {
        var frame = new byte[FanOutProtocol.FrameBytes];
        while (true)
        {
            for (var read = 0; read < frame.Length;)
            {
                var received = await publisher.ReceiveAsync(frame.AsMemory(read));
                if (received <= 0)
                {
                    return;
                }

                read += received;
            }

            if (frame[0] == FanOutProtocol.Question)
            {
                await publisher.SendAsync(FanOutProtocol.Answer(members.Count));
                continue;
            }

            using var shared = loop.Share(frame);
            foreach (var member in members)
            {
                member.Queue(shared);
            }
        }
    }
}
