using System.Collections.Immutable;
using Chat.Node.Backplane;
using StackExchange.Redis;

namespace Chat.Experiments.Strategies.Streams;

/// <summary>Asks Redis, every little while, for what is new in the streams that somebody on this node follows.</summary>
internal sealed class StreamPoller : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly RedisCalls _redis;
    private readonly ExperimentOptions _options;
    private readonly PeriodicTimer _timer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _polling;
    private ImmutableList<Follower> _followers = [];

    public StreamPoller(RedisCalls redis, ExperimentOptions options, TimeProvider time)
    {
        (_redis, _options) = (redis, options);
        _timer = new PeriodicTimer(_options.StreamsPollPeriod, time);
        _polling = PollAsync();
    }

    /// <param name="after">The offset from which on everything is delivered.</param>
    /// <param name="deliver">Called one at a time.</param>
    public IAsyncDisposable Follow(string room, long after, Action<Publication> deliver)
    {
        var follower = new Follower(this, StreamEntries.Key(room), after, deliver);
        lock (_gate)
        {
            _followers = _followers.Add(follower);
        }

        return follower;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _timer.Dispose();
        await _polling;
        _stop.Dispose();
    }

    private async Task PollAsync()
    {
        while (await _timer.WaitForNextTickAsync(CancellationToken.None))
        {
            try
            {
                while (await ReadOnceAsync(Volatile.Read(ref _followers)))
                {
                    // A busy room does not wait for the next tick.
                }
            }
            catch (BackplaneUnavailableException)
            {
                // The next tick asks again, from the same place: nothing is lost.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <returns>True when a stream may have more.</returns>
    private async Task<bool> ReadOnceAsync(ImmutableList<Follower> followers)
    {
        if (followers.IsEmpty)
        {
            return false;
        }

        var streams = await _redis.RunAsync(
            _redis.Database.StreamReadAsync([.. followers.Select(follower => follower.Position)], _options.StreamsPollEntriesMax),
            _stop.Token);
        foreach (var stream in streams)
        {
            foreach (var follower in followers.Where(follower => follower.Position.Key == stream.Key))
            {
                follower.Deliver(stream.Entries);
            }
        }

        return streams.Any(stream => stream.Entries.Length >= _options.StreamsPollEntriesMax);
    }

    private void Remove(Follower follower)
    {
        lock (_gate)
        {
            _followers = _followers.Remove(follower);
        }
    }

    /// <summary>One subscription and how far it has read. Only the polling loop moves it.</summary>
    private sealed class Follower(StreamPoller poller, RedisKey key, long last, Action<Publication> deliver) : IAsyncDisposable
    {
        private long _last = last;

        public StreamPosition Position => new(key, StreamEntries.Id(_last));

        public void Deliver(StreamEntry[] entries)
        {
            foreach (var entry in entries.Where(entry => StreamEntries.Offset(entry.Id) > _last))
            {
                _last = StreamEntries.Offset(entry.Id);
                deliver(StreamEntries.Decode(entry));
            }
        }

        public ValueTask DisposeAsync()
        {
            poller.Remove(this);
            return ValueTask.CompletedTask;
        }
    }
}
