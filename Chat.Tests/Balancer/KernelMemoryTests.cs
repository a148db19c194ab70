using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Chat.Tests.Balancer.Support;
using Chat.Tests.Cluster;

namespace Chat.Tests.Balancer;

/// <summary>One slow member harms only itself, also in the memory of the kernel, in which most of what waits for it is.</summary>
[Collection(ClusterSuite.Name)]
public sealed partial class KernelMemoryTests(ITestOutputHelper output)
{
    private const int BytesMax = 1024 * 1024;
    private const int EndBytes = 32 * 1024;

    public static TheoryData<string> Engines => ["auto", "epoll", "sockets"];

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Slow_member_behind_the_balancer_holds_less_than_a_megabyte_in_all(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], $"Engine={engine}");
        var (client, peer) = await balancer.TunnelAsync(node);
        client.Socket.ReceiveBufferSize = EndBytes;
        peer.Socket.SendBufferSize = EndBytes;

        var accepted = await FillAsync(peer);

        var kernel = await KernelBytesAsync([.. Ports(client), .. Ports(peer)]);
        output.WriteLine($"{engine}: {accepted} bytes on their way, {kernel} bytes of kernel memory");
        Assert.InRange(accepted, 1, BytesMax / 2);
        Assert.InRange(kernel ?? 0, 0, BytesMax);
    }

    /// <summary>Sends to one that does not read until nothing more is taken.</summary>
    private static async Task<long> FillAsync(RawPeer sender)
    {
        var chunk = new byte[16 * 1024];
        sender.Socket.Blocking = false;
        var accepted = 0L;
        for (var standstill = 0; standstill < 40; standstill++)
        {
            var sent = sender.Socket.Send(chunk, default, out _);
            accepted += Math.Max(0, sent);
            standstill = sent > 0 ? 0 : standstill;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        return accepted;
    }

    private static IEnumerable<int> Ports(RawPeer peer) =>
        [((IPEndPoint)peer.Socket.LocalEndPoint!).Port, ((IPEndPoint)peer.Socket.RemoteEndPoint!).Port];

    /// <summary>Received and not read, and sent and not acknowledged, with the kernel's own overhead, of every socket between these ports (ss(8), skmem).</summary>
    /// <returns>Null where ss is not installed.</returns>
    private static async Task<long?> KernelBytesAsync(IReadOnlyList<int> ports)
    {
        try
        {
            using var ss = Process.Start(new ProcessStartInfo("ss", "-tmnHO") { RedirectStandardOutput = true })!;
            var lines = (await ss.StandardOutput.ReadToEndAsync()).Split('\n');
            await ss.WaitForExitAsync();
            return lines
                .Where(line => ports.Count(port => line.Contains($":{port} ", StringComparison.Ordinal)) >= 2)
                .Sum(line => Memory().Match(line) is { Success: true } match ? Number(match, 1) + Number(match, 2) : 0);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f\d+,w(\d+)")]
    private static partial Regex Memory();
}
