using System.Collections.Concurrent;
using Chat.Node.Backplane.Subscriptions;
using Chat.Protocol;

namespace Chat.Node.Backplane.Log;

/// <summary>
/// All feeds open on this node. Each is compared with its log on a slow period, and when its subscription was interrupted: where
/// the logs end is asked for many at once, and only those are read that have gone on.
/// </summary>
internal sealed class LogFeeds : IAsyncDisposable
{
    private readonly SubscriptionConnection _connection;
    private readonly LogFeedServices _services;
    private readonly LogReader _reader;
    private readonly Rechecks<LogFeed> _rechecks;
    private readonly ConcurrentDictionary<string, LogFeed> _byRoom = new();

    public LogFeeds(SubscriptionConnection connection, LogReader reader, LogFeedServices services)
    {
        (_connection, _reader, _services) = (connection, reader, services);
        _rechecks = new Rechecks<LogFeed>(services.Options, services.Time, services.Logger, CompareAsync);
        services.Metrics.ObserveRechecks(() => _rechecks.WaitingCount);
    }

    /// <exception cref="BackplaneUnavailableException">Nothing is subscribed: retry.</exception>
    public async Task<IAsyncDisposable> OpenAsync(
        string room, RoomSubscriber subscriber, CancellationToken cancellationToken)
    {
        var feed = new LogFeed(room, _reader, subscriber, _services, _rechecks.Doubt);
        _rechecks.Add(feed, room);
        try
        {
            await feed.OpenAsync(_connection, cancellationToken);
            _byRoom[room] = feed;
        }
        catch
        {
            _rechecks.Remove(feed);
            await feed.DisposeAsync();
            throw;
        }

        return new Subscription(this, feed);
    }

    /// <summary>A message of this node's was stored: if the log ends before it later, Redis has lost it.</summary>
    public void Stored(string room, Position position)
    {
        if (_byRoom.TryGetValue(room, out var feed))
        {
            feed.Stored(position);
        }
    }

    /// <inheritdoc cref="LogFeed.TryRead"/>
    public CatchUp? TryRead(string room, Position? after) =>
        _byRoom.TryGetValue(room, out var feed) ? feed.TryRead(after) : null;

    public ValueTask DisposeAsync() => _rechecks.DisposeAsync();

    private async Task CompareAsync(IReadOnlyList<LogFeed> feeds, CancellationToken cancellationToken)
    {
        var tops = await _reader.ReadTopsAsync([.. feeds.Select(feed => feed.Room)], cancellationToken);
        for (var i = 0; i < feeds.Count; i++)
        {
            feeds[i].Recheck(tops[i]);
        }
    }

    private sealed class Subscription(LogFeeds feeds, LogFeed feed) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            feeds._byRoom.TryRemove(KeyValuePair.Create(feed.Room, feed));
            feeds._rechecks.Remove(feed);
            return feed.DisposeAsync();
        }
    }
}
