using System.Globalization;
using System.Reflection;
using Chat.Benchmarks.Load;
using Chat.Benchmarks.Servers;
using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Benchmarks.Balancing;

/// <summary>Balancers in front of one floor server. Its processes are those of the balancer alone.</summary>
internal static class Front
{
    public const string Direct = "direct";
    public const string Ours = "Chat.Balancer";
    public const string Nginx = "nginx";
    public const string HaProxy = "HAProxy";
    public const string Yarp = "YARP";

    public static readonly string[] Balancers = [Ours, Nginx, HaProxy, Yarp];

    /// <summary>Direct, ours, its variants, the others.</summary>
    public static IEnumerable<string> Names(Settings settings) =>
    [
        Direct,
        .. settings.Balancing.Fronts.Where(name => name == Ours),
        .. settings.Variants.Select(variant => variant.Name),
        .. settings.Balancing.Fronts.Where(name => name != Ours),
    ];

    /// <returns>Null when its program is not installed.</returns>
    public static async Task<Contender?> StartAsync(string name, int floorPort, Settings settings)
    {
        var workers = settings.Balancing.Workers;
        if ((name == Nginx && !IsInstalled("nginx")) || (name == HaProxy && !IsInstalled("haproxy")))
        {
            return null;
        }

        var front = new Contender(name, new FloorDialect(), needsDirectory: name != Direct);
        var port = ServerProcess.FreePort();
        switch (name)
        {
            case Direct:
                front.Ports.Add(floorPort);
                break;
            case Yarp:
                string[] yarp = [Assembly.GetExecutingAssembly().Location, YarpServer.Switch, $"--urls=http://127.0.0.1:{port}", $"--to=http://127.0.0.1:{floorPort}"];
                await front.AddAsync(ServerProcess.Start(ServerProcess.DotNet, yarp, YarpServer.Environment), port, FloorServer.HealthPath);
                break;
            case Nginx:
                var site = Write(front, "nginx.conf", FrontConfiguration.Nginx(front.Directory, port, floorPort, workers));
                await front.AddAsync(ServerProcess.Start("nginx", ["-p", front.Directory, "-e", "stderr", "-c", site], []), port, FloorServer.HealthPath);
                break;
            case HaProxy:
                var file = Write(front, "haproxy.cfg", FrontConfiguration.HaProxy(port, floorPort, workers));
                await front.AddAsync(ServerProcess.Start("haproxy", ["-db", "-f", file], []), port, FloorServer.HealthPath);
                break;
            default:
                await StartOursAsync(front, settings.Variants.FirstOrDefault(variant => variant.Name == name) ?? Variant.Default, port, floorPort);
                break;
        }

        return front;
    }

    /// <summary>As it runs, but for the limit on handshakes, which the others have not.</summary>
    private static async Task StartOursAsync(Contender front, Variant variant, int port, int floorPort)
    {
        var redis = await front.StartRedisAsync(embedded: false);
        await using (var connection = await ConnectionMultiplexer.ConnectAsync(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{redis}")))
        {
            var lease = new NodeLease("floor", "1", $"http://127.0.0.1:{floorPort}", NodeState.Ready, 0, 0);
            await connection.GetDatabase().StringSetAsync(NodeLeaseCodec.KeyOf(lease.Id), NodeLeaseCodec.Encode(lease));
            await connection.GetDatabase().SetAddAsync(NodeLeaseCodec.Index, lease.Id);
        }

        var balancer = Programs.StartBalancer(variant, port, redis, "HandshakesPerSecondMax=1000000", "HandshakesPerSecondPerNodeMax=1000000");
        await front.AddAsync(balancer, port, FloorServer.HealthPath);
    }

    private static bool IsInstalled(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string Write(Contender front, string name, string text)
    {
        var path = Path.Combine(front.Directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
