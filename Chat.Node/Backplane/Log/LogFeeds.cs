using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <summary>All feeds open on this node. After every reconnect to Redis each of them re-checks its log.</summary>
internal sealed class LogFeeds : IDisposable
{
    private readonly ConcurrentDictionary<LogFeed, string> _open = new();
    private readonly IConnectionMultiplexer _connection;
    private readonly RedisCalls _redis;
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<LogFeed> _logger;
    private readonly ITimer _recheck;

    public LogFeeds(
        IConnectionMultiplexer connection,
        RedisCalls redis,
        IOptions<NodeOptions> options,
        TimeProvider time,
        ILogger<LogFeed> logger)
    {
        (_connection, _redis, _options, _time, _logger) = (connection, redis, options.Value, time, logger);
        _connection.ConnectionRestored += OnRestored;
        _recheck = time.CreateTimer(_ => RecheckAll(), null, NextRecheck(), Timeout.InfiniteTimeSpan);
    }

    /// <exception cref="BackplaneUnavailableException">Nothing is subscribed: retry.</exception>
    public async Task<IAsyncDisposable> OpenAsync(
        string room, LogReader reader, Action<Publication> deliver, CancellationToken cancellationToken)
    {
        var feed = new LogFeed(room, reader, deliver, _options, _time, _logger);
        try
        {
            _open[feed] = room;
            await feed.OpenAsync(_redis, cancellationToken);
        }
        catch
        {
            await CloseAsync(feed);
            throw;
        }

        return new Subscription(this, feed);
    }

    public void Dispose()
    {
        _connection.ConnectionRestored -= OnRestored;
        _recheck.Dispose();
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs args) => RecheckAll();

    private void RecheckAll()
    {
        foreach (var feed in _open.Keys)
        {
            feed.Recheck();
        }

        _recheck.Change(NextRecheck(), Timeout.InfiniteTimeSpan);
    }

    // Jittered, so that nodes started together do not ask together.
    private TimeSpan NextRecheck() => _options.RecheckPeriod * (0.75 + (Random.Shared.NextDouble() / 2));

    private async ValueTask CloseAsync(LogFeed feed)
    {
        _open.TryRemove(feed, out _);
        await feed.DisposeAsync();
    }

    private sealed class Subscription(LogFeeds feeds, LogFeed feed) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => feeds.CloseAsync(feed);
    }
}
