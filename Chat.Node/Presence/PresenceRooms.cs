using System.Collections.Concurrent;
using Chat.Node.Backplane;
using Chat.Node.Rooms;
using Chat.Node.Signals;

namespace Chat.Node.Presence;

/// <summary>The presence of every open room: compared with Redis now and then, and told when nodes come or go.</summary>
internal sealed class PresenceRooms : IAsyncDisposable
{
    private readonly Rechecks<RoomPresence> _rechecks;
    private readonly ConcurrentQueue<(string Room, RoomChangesBatch Changes)> _leftovers = new();
    private readonly PresenceServices _services;
    private readonly ITimer _writeLeftovers;

    public PresenceRooms(PresenceServices services)
    {
        _services = services;
        _rechecks = new Rechecks<RoomPresence>(services.Options.Value, services.Time, services.Logger, CompareAsync);
        _services.Watch.Changed += OnCensus;
        var period = services.Options.Value.RecheckPeriod;
        _writeLeftovers = services.Time.CreateTimer(_ => _ = WriteLeftoversAsync(), null, period, period);
    }

    /// <summary>For the room's own constructor: open it before the first member enters.</summary>
    public RoomPresence Create(Room room)
    {
        var presence = new RoomPresence(room, _services, _rechecks.Doubt);
        _rechecks.Add(presence, room.Name);
        return presence;
    }

    /// <summary>Ends it: the room has no members here any more, or the node leaves.</summary>
    public async Task CloseAsync(RoomPresence presence)
    {
        var room = _rechecks.Remove(presence);
        if (await presence.CloseAsync() is { } leftover && !_services.Status.IsDraining)
        {
            // Beyond the limit the entries go with this node's lease: later, but by themselves.
            if (_leftovers.Count < _services.Options.Value.LeftoversMax)
            {
                _leftovers.Enqueue((room ?? "", leftover with { Opened = [] }));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _services.Watch.Changed -= OnCensus;
        await _writeLeftovers.DisposeAsync();
        await _rechecks.DisposeAsync();
    }

    private void OnCensus(Census census)
    {
        foreach (var presence in _rechecks.All)
        {
            presence.Apply(census);
        }
    }

    private async Task CompareAsync(IReadOnlyList<RoomPresence> rooms, CancellationToken cancellationToken)
    {
        var sequences = await _services.Store.ReadSequencesAsync([.. rooms.Select(room => room.Name)], cancellationToken);
        for (var i = 0; i < rooms.Count; i++)
        {
            rooms[i].Recheck(sequences[i]);
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
}
