using Chat.Benchmarks.Load;

namespace Chat.Benchmarks.Measuring;

/// <summary>Memory is read when it changes no more.</summary>
internal static class Quiet
{
    private const long QuietBytes = 1 << 20;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(90);

    /// <returns>Bytes once they change no more, or when that takes too long.</returns>
    public static long Wait(Reactor reactor, Func<long> bytes)
    {
        var last = bytes();
        for (var waited = TimeSpan.Zero; waited < Most; waited += Period)
        {
            reactor.Run(Period);
            var now = bytes();
            if (Math.Abs(now - last) < QuietBytes)
            {
                return now;
            }

            last = now;
        }

        return last;
    }
}
