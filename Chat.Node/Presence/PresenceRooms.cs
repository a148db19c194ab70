using System.Collections.Concurrent;
using Chat.Node.Backplane;
using Chat.Node.Rooms;
using Chat.Node.Signals;

namespace Chat.Node.Presence;

/// <summary>The presence of every open room: compared with Redis now and then, and told when nodes come or go.</summary>
internal sealed class PresenceRooms : IDisposable
{
    private readonly ConcurrentDictionary<RoomPresence, string> _open = new();
    private readonly ConcurrentQueue<(string Room, RoomChangesBatch Changes)> _leftovers = new();
    private readonly PresenceServices _services;
    private readonly ITimer _recheck;

    public PresenceRooms(PresenceServices services)
    {
        _services = services;
        _services.Watch.Changed += OnCensus;
        _recheck = services.Time.CreateTimer(_ => _ = RecheckAsync(), null, NextRecheck(), Timeout.InfiniteTimeSpan);
    }

    /// <summary>For the room's own constructor: open it before the first member enters.</summary>
    public RoomPresence Create(Room room)
    {
        var presence = new RoomPresence(room, _services);
        _open[presence] = room.Name;
        return presence;
    }

    /// <summary>Ends it: the room has no members here any more, or the node leaves.</summary>
    public async Task CloseAsync(RoomPresence presence)
    {
        _open.TryRemove(presence, out var room);
        if (await presence.CloseAsync() is { } leftover && !_services.Status.IsDraining)
        {
            // Beyond the limit the entries go with this node's lease: later, but by themselves.
            if (_leftovers.Count < _services.Options.Value.LeftoversMax)
            {
                _leftovers.Enqueue((room ?? "", leftover with { Opened = [] }));
            }
        }
    }

    public void Dispose()
    {
        _services.Watch.Changed -= OnCensus;
        _recheck.Dispose();
    }

    private void OnCensus(Census census)
    {
        foreach (var (presence, _) in _open)
        {
            presence.Apply(census);
        }
    }

    // One room after the other: there is no hurry, and Redis has more to do.
    private async Task RecheckAsync()
    {
        try
        {
            await WriteLeftoversAsync();
            foreach (var (presence, _) in _open)
            {
                await presence.RecheckAsync();
            }
        }
        finally
        {
            _recheck.Change(NextRecheck(), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Rooms that were closed while Redis was away still name connections of this node.</summary>
    private async Task WriteLeftoversAsync()
    {
        for (var most = _leftovers.Count; most > 0 && _leftovers.TryDequeue(out var leftover); most--)
        {
            try
            {
                await _services.Store.WriteAsync(leftover.Room, leftover.Changes, CancellationToken.None);
            }
            catch (BackplaneUnavailableException)
            {
                _leftovers.Enqueue(leftover);
                return;
            }
        }
    }

    // Jittered, so that nodes started together do not ask together.
    private TimeSpan NextRecheck() => _services.Options.Value.RecheckPeriod * (0.75 + (Random.Shared.NextDouble() / 2));
}
