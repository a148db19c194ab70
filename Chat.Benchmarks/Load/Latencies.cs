using System.Numerics;

namespace Chat.Benchmarks.Load;

/// <summary>A histogram of microseconds: each bucket is 1/32 wide of its value, and recording is one addition.</summary>
internal sealed class Latencies
{
    private const int Steps = 32;
    private const int StepBits = 5;

    private readonly long[] _counts = new long[Steps * 64];

    public long Count { get; private set; }

    public void Add(double microseconds)
    {
        _counts[Bucket((ulong)Math.Max(0, microseconds))]++;
        Count++;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }

    /// <param name="share">0.99 for p99.</param>
    /// <returns>The upper end of its bucket, in milliseconds; NaN when nothing was recorded.</returns>
    public double Milliseconds(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        for (var (bucket, seen) = (0, 0L); bucket < _counts.Length && wanted > 0; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= wanted)
            {
                return UpperEnd(bucket) / 1000.0;
            }
        }

        return double.NaN;
    }

    private static int Bucket(ulong value)
    {
        if (value < Steps)
        {
            return (int)value;
        }

        var shift = BitOperations.Log2(value) - StepBits;
        return (Steps * shift) + (int)(value >> shift);
    }

    private static ulong UpperEnd(int bucket)
    {
        var shift = Math.Max(0, (bucket / Steps) - 1);
        return shift == 0 ? (ulong)bucket : ((ulong)((bucket - (Steps * shift)) + 1) << shift) - 1;
    }
}
