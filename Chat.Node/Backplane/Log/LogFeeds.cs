using System.Collections.Concurrent;
using Chat.Node.Backplane.Subscriptions;

namespace Chat.Node.Backplane.Log;

/// <summary>All feeds open on this node. Each is compared with its log on a slow, jittered period.</summary>
internal sealed class LogFeeds : IDisposable
{
    private readonly ConcurrentDictionary<LogFeed, string> _open = new();
    private readonly SubscriptionConnection _connection;
    private readonly LogFeedServices _services;
    private readonly ITimer _recheck;

    public LogFeeds(SubscriptionConnection connection, LogFeedServices services)
    {
        (_connection, _services) = (connection, services);
        _recheck = services.Time.CreateTimer(_ => RecheckAll(), null, NextRecheck(), Timeout.InfiniteTimeSpan);
    }

    /// <exception cref="BackplaneUnavailableException">Nothing is subscribed: retry.</exception>
    public async Task<IAsyncDisposable> OpenAsync(
        string room, LogReader reader, RoomSubscriber subscriber, CancellationToken cancellationToken)
    {
        var feed = new LogFeed(room, reader, subscriber, _services);
        try
        {
            await feed.OpenAsync(_connection, cancellationToken);
            _open[feed] = room;
        }
        catch
        {
            await feed.DisposeAsync();
            throw;
        }

        return new Subscription(this, feed);
    }

    public void Dispose() => _recheck.Dispose();

    private void RecheckAll()
    {
        foreach (var feed in _open.Keys)
        {
            feed.Recheck();
        }

        _recheck.Change(NextRecheck(), Timeout.InfiniteTimeSpan);
    }

    // Jittered, so that nodes started together do not ask together.
    private TimeSpan NextRecheck() => _services.Options.RecheckPeriod * (0.75 + (Random.Shared.NextDouble() / 2));

    private sealed class Subscription(LogFeeds feeds, LogFeed feed) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            feeds._open.TryRemove(feed, out _);
            return feed.DisposeAsync();
        }
    }
}
