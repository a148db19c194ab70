using System.Collections.Concurrent;
using Chat.Node.Backplane;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Admission;

/// <summary>
/// How many bytes of logs a user may read, on all nodes together: a bucket in Redis. A node takes some at a time, and counts what each
/// reading really brought: a user who has read more than that pays it back before the next, out of what all nodes share. So one
/// overdraws by one reading a node at most. Safe to call from any thread.
/// </summary>
internal sealed class ReadBudget(RedisCalls redis, IOptions<NodeOptions> options, TimeProvider time)
{
    /// <summary>Of users who are quiet, what is left is forgotten at this many: they take it anew.</summary>
    private const int RememberedMax = 100_000;

    private readonly ConcurrentDictionary<string, Credit> _credits = new();
    private readonly RedisScript _take = new("take.lua");
    private readonly NodeOptions _options = options.Value;

    /// <returns>Null when it may be read; otherwise how long until then.</returns>
    /// <exception cref="BackplaneUnavailableException">Redis does not answer: retry later.</exception>
    public async ValueTask<TimeSpan?> TakeAsync(string user, CancellationToken cancellationToken)
    {
        var credit = Find(user);
        if (credit.IsPositive(time, _options.ReadBytesLifetime))
        {
            return null;
        }

        var reply = (RedisResult[])(await redis.RunAsync(
            _take.EvaluateAsync(
                redis.Database,
                [$"chat:{{user:{user}}}:reads"],
                [_options.ReadBytesPerSecond, _options.ReadBytesBurst, _options.ReadBytesPrepaid + credit.Debt]),
            cancellationToken))!;
        var granted = (long)reply[0];
        if (granted == 0)
        {
            return TimeSpan.FromMilliseconds((long)reply[1]);
        }

        return credit.Fill(granted, time) ? null : TimeSpan.FromSeconds((credit.Debt + 1) / (double)_options.ReadBytesPerSecond);
    }

    /// <summary>What a reading has brought.</summary>
    public void Spend(string user, CatchUp read) => Find(user).Spend(read.Messages.Sum(message => (long)message.Frame.Length));

    /// <inheritdoc cref="Spend(string, CatchUp)"/>
    public void Spend(string user, HistoryPage page) => Find(user).Spend(page.Messages.Sum(message => (long)message.Frame.Length));

    private Credit Find(string user)
    {
        if (_credits.Count >= RememberedMax)
        {
            _credits.Clear();
        }

        return _credits.GetOrAdd(user, _ => new Credit());
    }

    private sealed class Credit
    {
        private readonly Lock _gate = new();
        private long _bytes;
        private long _filledAt;

        public long Debt
        {
            get
            {
                lock (_gate)
                {
                    return Math.Max(0, -_bytes);
                }
            }
        }

        /// <summary>What was kept too long is void: it would let old silence pay for a burst. A debt is not.</summary>
        public bool IsPositive(TimeProvider time, TimeSpan lifetime)
        {
            lock (_gate)
            {
                if (_bytes > 0 && time.GetElapsedTime(_filledAt) > lifetime)
                {
                    _bytes = 0;
                }

                return _bytes > 0;
            }
        }

        /// <returns>False when it does not pay for what was read before.</returns>
        public bool Fill(long bytes, TimeProvider time)
        {
            lock (_gate)
            {
                _bytes += bytes;
                _filledAt = time.GetTimestamp();
                return _bytes > 0;
            }
        }

        public void Spend(long bytes)
        {
            lock (_gate)
            {
                _bytes -= bytes;
            }
        }
    }
}
