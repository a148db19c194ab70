using System.Diagnostics;
using Chat.Node.Admission;
using Chat.Node.Backplane;
using Chat.Node.Presence;
using Chat.Protocol;
using Microsoft.Extensions.Options;

namespace Chat.Node.Rooms;

/// <summary>
/// The rooms with members on this node. A room is subscribed when its first member comes, and released some time after its
/// last has gone. Whoever joins or leaves is on his connection's loop; the rooms themselves belong to no loop.
/// </summary>
internal sealed partial class RoomDirectory(
    IBackplane backplane,
    PresenceRooms presence,
    NodeIdentity node,
    NodeMetrics metrics,
    IOptions<NodeOptions> options,
    TimeProvider time,
    ILogger<RoomDirectory> logger,
    ReadBudget? reads = null) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _rooms = [];

    /// <summary>Joins a connection to a room: its queue gets <c>joined</c>, then every publication after it.</summary>
    /// <exception cref="BackplaneUnavailableException">Not joined: retry.</exception>
    public async Task<Membership> JoinAsync(JoinRequest request, CancellationToken cancellationToken)
    {
        using var activity = Tracing.StartJoin(request, node.Id);
        try
        {
            var (member, read) = await ReadAndJoinAsync(request, cancellationToken);
            activity.Brought(request.After is null ? read with { Messages = [] } : read, options.Value.TraceLinksMax);
            Count(request, read.Recovered ? "recovered" : "gap");
            reads?.Spend(request.User, read);
            return member;
        }
        catch (BackplaneUnavailableException)
        {
            activity.Fail(ErrorCode.Unavailable);
            Count(request, ErrorCode.Unavailable);
            throw;
        }
    }

    private async Task<(Membership Member, CatchUp Read)> ReadAndJoinAsync(JoinRequest request, CancellationToken cancellationToken)
    {
        var room = await AcquireAsync(request.Room, cancellationToken);
        var member = new Membership(room, request, node.Id, options.Value, time);

        // The order is the invariant: first live publications wait here, then the log is read, then both are merged.
        room.Add(member);
        try
        {
            var positions = room.Presence.ReadPositionsAsync(request.User, cancellationToken);
            var read = await backplane.ReadAfterAsync(request.Room, request.After, cancellationToken);
            room.Presence.Enter(request.Connection, request.User);
            while (!member.TryGoLive(read, room.Presence.Snapshot(), await positions))
            {
                cancellationToken.ThrowIfCancellationRequested();
                read = await backplane.ReadAfterAsync(request.Room, request.After, cancellationToken);
            }

            return (member, read);
        }
        catch
        {
            Leave(member, Departure.Lost);
            throw;
        }
    }

    public void Leave(Membership member, Departure departure)
    {
        member.Room.Remove(member);
        member.End();
        if (departure != Departure.Rejoins)
        {
            member.Room.Presence.Exit(member.Connection, atOnce: departure == Departure.Left);
        }

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

        // Together: where Redis does not answer, each of them waits for its deadline.
        await Task.WhenAll(entries.Select(entry =>
        {
            entry.Release?.Dispose();
            return CloseAsync(entry);
        }));
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
                    _rooms[name] = entry = Open(name);
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
                await entry.PresenceKnown.WaitAsync(cancellationToken);
                return entry.Room;
            }
            catch
            {
                GiveBack(entry);
                throw;
            }
        }
    }

    private Entry Open(string name)
    {
        // The room outlives whoever is the first to want it: what it does later is no part of that join's trace.
        var (activity, context) = (Activity.Current, SynchronizationContext.Current);
        Activity.Current = null;

        // Nor is it that loop's: what is awaited in here goes on in the pool.
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var room = new Room(name, node, metrics, time, presence);
            return new Entry(room, room.Presence.OpenAsync())
            {
                Subscription = backplane.SubscribeAsync(
                    name, new RoomSubscriber(room.Deliver, room.Reset), CancellationToken.None),
            };
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
            Activity.Current = activity;
        }
    }

    private void Count(JoinRequest request, string result)
    {
        if (request.After is not null)
        {
            metrics.Resumed(result);
        }
    }

    /// <summary>Undoes an acquire whose subscription failed, or whose caller went away. The next one tries afresh.</summary>
    private void GiveBack(Entry entry)
    {
        lock (_gate)
        {
            if (entry.Subscription!.IsFaulted && _rooms.GetValueOrDefault(entry.Room.Name) == entry)
            {
                // As at a release: the next one waits until it is closed, and then tries afresh.
                entry.Closing ??= Task.Run(() => CloseAndForgetAsync(entry));
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
        try
        {
            await CloseAsync(entry);
        }
#pragma warning disable CA1031 // Whatever went wrong with it, the next join has to get a new room.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogCloseFaulted(entry.Room.Name, exception);
        }

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
        await presence.CloseAsync(entry.Room.Presence);
        try
        {
            await using var subscription = await entry.Subscription!;
        }
        catch (Exception exception) when (exception is BackplaneUnavailableException or OperationCanceledException)
        {
            LogCloseFailed(entry.Room.Name, exception.Message);
        }
    }

    private sealed class Entry(Room room, Task presenceKnown)
    {
        public Room Room => room;

        /// <summary>Never fails: with Redis away only this node's members are known, until it is back.</summary>
        public Task PresenceKnown => presenceKnown;

        public int Holders { get; set; }

        public Task<IAsyncDisposable>? Subscription { get; set; }

        public ITimer? Release { get; set; }

        public Task? Closing { get; set; }
    }

    [LoggerMessage(LogLevel.Error, "Room {Room} could not be closed in order")]
    private partial void LogCloseFaulted(string room, Exception exception);

    [LoggerMessage(LogLevel.Debug, "Room {Room} had no subscription to end: {Reason}")]
    private partial void LogCloseFailed(string room, string reason);
}
