using Chat.Benchmarks.Load;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks.Measuring;

/// <summary>What one contender did in one window.</summary>
/// <param name="Wrong">Members that have not had each message once.</param>
internal sealed record Window(
    long Sent, long Expected, long Delivered, int Wrong, double NodeMicroseconds, double RedisMicroseconds,
    double LoadMicroseconds, double P50, double P99, double P999)
{
    private static readonly TimeSpan SettleMax = TimeSpan.FromSeconds(10);

    public double TotalMicroseconds => NodeMicroseconds + RedisMicroseconds;

    /// <summary>Sends at a rate for a time, waits for the last, and counts.</summary>
    public static Window Measure(Contender contender, Crowd crowd, double perSecond, TimeSpan time)
    {
        crowd.Reset();
        var nodes = ProcessUsage.CpuSeconds(contender.NodeProcesses);
        var redis = ProcessUsage.CpuSeconds(contender.RedisProcesses);
        var own = ProcessUsage.CpuSeconds([Environment.ProcessId]);
        crowd.Reactor.Run(time, new Pace(perSecond, crowd.SendNext));
        crowd.Reactor.RunUntil(() => crowd.Delivered >= crowd.Expected, SettleMax);
        var perDelivery = 1e6 / Math.Max(1, crowd.Delivered);
        return new Window(
            crowd.Rooms.Sum(room => room.Sent),
            crowd.Expected,
            crowd.Delivered,
            crowd.CountWrong(),
            (ProcessUsage.CpuSeconds(contender.NodeProcesses) - nodes) * perDelivery,
            (ProcessUsage.CpuSeconds(contender.RedisProcesses) - redis) * perDelivery,
            (ProcessUsage.CpuSeconds([Environment.ProcessId]) - own) * perDelivery,
            crowd.Latencies.Milliseconds(0.5),
            crowd.Latencies.Milliseconds(0.99),
            crowd.Latencies.Milliseconds(0.999));
    }
}
