using Chat.Benchmarks.Measuring;

namespace Chat.Benchmarks.FanOut;

/// <summary>What one server did in one window, for each delivery.</summary>
/// <param name="Milliseconds">From a publication to the last byte at the last member, on average.</param>
/// <param name="Whole">Every member has had every byte.</param>
internal sealed record FanOutWindow(double Microseconds, double ReaderMicroseconds, double Milliseconds, double AllocatedBytes, bool Whole)
{
    public static FanOutWindow Measure(FanOutCrowd crowd, int fanOuts, int members)
    {
        var whole = true;
        var wrong = crowd.Wrong;
        var allocated = crowd.Ask().AllocatedBytes;
        var cpu = ProcessUsage.CpuSeconds([crowd.Process]);
        var own = ProcessUsage.CpuSeconds([Environment.ProcessId]);
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < fanOuts; i++)
        {
            whole &= crowd.FanOut();
        }

        var time = TimeProvider.System.GetElapsedTime(started);
        var deliveries = (double)fanOuts * members;
        return new FanOutWindow(
            (ProcessUsage.CpuSeconds([crowd.Process]) - cpu) * 1e6 / deliveries,
            (ProcessUsage.CpuSeconds([Environment.ProcessId]) - own) * 1e6 / deliveries,
            time.TotalMilliseconds / fanOuts,
            (crowd.Ask().AllocatedBytes - allocated) / deliveries,
            whole && crowd.Wrong == wrong);
    }
}
