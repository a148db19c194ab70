using Chat.Node.Backplane;
using Microsoft.Extensions.Options;

namespace Chat.Node.Rooms;

/// <summary>
/// The rooms with members on this node. A room is subscribed when its first member comes, and released some time after its
/// last has gone. Safe to call from any thread.
/// </summary>
internal sealed partial class RoomDirectory(
    IBackplane backplane,
    NodeIdentity node,
    NodeMetrics metrics,
    IOptions<NodeOptions> options,
    TimeProvider time,
    ILogger<RoomDirectory> logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _rooms = [];

    /// <summary>Joins a connection to a room: its queue gets <c>joined</c>, then every publication after it.</summary>
    /// <exception cref="BackplaneUnavailableException">Not joined: retry.</exception>
    public async Task<Membership> JoinAsync(JoinRequest request, CancellationToken cancellationToken)
    {
        var room = await AcquireAsync(request.Room, cancellationToken);
        var member = new Membership(
            room, request.Queue, node.Id, request.Traced, options.Value.OutboundBytesMax, time, request.Overflowed);

        // The order is the invariant: first live publications wait here, then the log is read, then both are merged.
        room.Add(member);
        try
        {
            while (!member.TryGoLive(await backplane.ReadAfterAsync(request.Room, request.After, cancellationToken)))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            return member;
        }
        catch
        {
            Leave(member);
            throw;
        }
    }

    public void Leave(Membership member)
    {
        member.Room.Remove(member);
        lock (_gate)
        {
            if (_rooms.TryGetValue(member.Room.Name, out var entry))
            {
                Drop(entry);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Entry[] entries;
        lock (_gate)
        {
            entries = [.. _rooms.Values];
            _rooms.Clear();
        }

        foreach (var entry in entries)
        {
            entry.Release?.Dispose();
            await CloseAsync(entry);
        }
    }

    private async Task<Room> AcquireAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            Entry entry;
            Task? closing = null;
            lock (_gate)
            {
                if (!_rooms.TryGetValue(name, out entry!))
                {
                    var room = new Room(name, node, metrics, time);
                    _rooms[name] = entry = new Entry(room);
                    entry.Subscription = backplane.SubscribeAsync(
                        name, new RoomSubscriber(room.Deliver, room.Reset), CancellationToken.None);
                }

                closing = entry.Closing;
                if (closing is null)
                {
                    entry.Release?.Dispose();
                    entry.Release = null;
                    entry.Holders++;
                }
            }

            if (closing is not null)
            {
                await closing.WaitAsync(cancellationToken);
                continue;
            }

            try
            {
                await entry.Subscription!.WaitAsync(cancellationToken);
                return entry.Room;
            }
            catch
            {
                GiveBack(entry);
                throw;
            }
        }
    }

    /// <summary>Undoes an acquire whose subscription failed, or whose caller went away. The next one tries afresh.</summary>
    private void GiveBack(Entry entry)
    {
        lock (_gate)
        {
            if (entry.Subscription!.IsFaulted && _rooms.GetValueOrDefault(entry.Room.Name) == entry)
            {
                _rooms.Remove(entry.Room.Name);
            }

            Drop(entry);
        }
    }

    // Called under the gate.
    private void Drop(Entry entry)
    {
        if (--entry.Holders == 0)
        {
            entry.Release = time.CreateTimer(
                _ => ReleaseIfEmpty(entry), null, options.Value.RoomReleaseDelay, Timeout.InfiniteTimeSpan);
        }
    }

    private void ReleaseIfEmpty(Entry entry)
    {
        lock (_gate)
        {
            if (entry.Holders == 0 && entry.Closing is null)
            {
                // It stays listed until it is closed: a join in between waits, so that the unsubscribe of the old
                // subscription cannot undo the new one.
                entry.Closing = Task.Run(() => CloseAndForgetAsync(entry));
            }
        }
    }

    private async Task CloseAndForgetAsync(Entry entry)
    {
        await CloseAsync(entry);
        lock (_gate)
        {
            if (_rooms.GetValueOrDefault(entry.Room.Name) == entry)
            {
                _rooms.Remove(entry.Room.Name);
            }
        }
    }

    private async Task CloseAsync(Entry entry)
    {
        try
        {
            await using var subscription = await entry.Subscription!;
        }
        catch (Exception exception) when (exception is BackplaneUnavailableException or OperationCanceledException)
        {
            LogCloseFailed(entry.Room.Name, exception.Message);
        }
    }

    private sealed class Entry(Room room)
    {
        public Room Room => room;

        public int Holders { get; set; }

        public Task<IAsyncDisposable>? Subscription { get; set; }

        public ITimer? Release { get; set; }

        public Task? Closing { get; set; }
    }

    [LoggerMessage(LogLevel.Debug, "Room {Room} had no subscription to end: {Reason}")]
    private partial void LogCloseFailed(string room, string reason);
}

/// <param name="After">The last position the client has; null for the newest messages.</param>
/// <param name="Overflowed">Called when the queue is full.</param>
internal sealed record JoinRequest(string Room, Protocol.Position? After, bool Traced, OutboundQueue Queue, Action Overflowed);
