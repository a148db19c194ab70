using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>What the user asks for.</summary>
internal sealed partial class Session
{
    /// <exception cref="ChatException">Too many rooms, or the client has ended.</exception>
    public ChatRoom Enter(string name, Position? after)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            if (!_rooms.TryGetValue(name, out var room))
            {
                if (_wire.Limits is { } limits && _rooms.Count >= limits.RoomsMax)
                {
                    throw new ChatException(ErrorCode.TooManyRooms, $"A connection is in at most {limits.RoomsMax} rooms: leave one.");
                }

                _rooms[name] = room = new ChatRoom(this, name, after, _options.RoomEventsMax);
                _joins.Pump();
            }

            room.Joining++;
            return room;
        }
    }

    /// <summary>One who waited for a join has an end of it. A room that nobody waits for and nobody has is left.</summary>
    public void Entered(ChatRoom room, bool joined)
    {
        bool abandoned;
        lock (_gate)
        {
            room.Joining--;
            room.IsHandedOut |= joined;
            abandoned = room is { Joining: 0, IsHandedOut: false };
        }

        if (abandoned)
        {
            Leave(room);
        }
    }

    public void Leave(ChatRoom room) => Do(() =>
    {
        if (_rooms.GetValueOrDefault(room.Name) != room)
        {
            return;
        }

        _rooms.Remove(room.Name);
        if (room.Link.Phase != JoinPhase.Out)
        {
            _wire.Send(new LeaveFrame(room.Name));
        }

        room.End(error: null);
        _outbox.FailRoom(room.Name, new ChatException(ErrorCode.NotJoined, "The room was left before this was known to be stored."));
        Pump();
    });

    public async Task<Position> SendAsync(ChatRoom room, OutgoingMessage message, CancellationToken cancellationToken)
    {
        using var activity = Telemetry.StartSend(room.Name, message.Id);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (entry, added) = Enqueue(room, message, Traceparent.Current);
            var cancellation = added ? cancellationToken.UnsafeRegister(_ => Cancel(entry, cancellationToken), null) : default;
            await using (cancellation.ConfigureAwait(false))
            {
                return await (added ? entry.Stored : entry.Stored.WaitAsync(cancellationToken)).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, (exception as ChatException)?.Code ?? "cancelled");
            throw;
        }
    }

    public async Task<HistoryPage> ReadHistoryAsync(ChatRoom room, long? before, int limit, CancellationToken cancellationToken)
    {
        var request = Request(room, before, limit);
        try
        {
            return await request.Page.Task.WaitAsync(_options.HistoryTimeout, _options.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (request.Page.Task.IsCompletedSuccessfully)
        {
            return await request.Page.Task.ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new ChatException(ChatException.Timeout, $"No page of {room.Name} within {_options.HistoryTimeout.TotalSeconds} s.");
        }
        finally
        {
            request.Page.TrySetCanceled(CancellationToken.None);
            Do(() => _histories.Next(room));
        }
    }

    public void MarkRead(ChatRoom room, long offset) => Do(() =>
    {
        var read = Math.Min(offset, room.Last?.Offset ?? -1);
        if (read > room.Link.Read)
        {
            room.Link.Read = read;
            _reads.Pump();
        }
    });

    public void Typing(ChatRoom room) => Do(() => _typing.Notify(room));

    private (OutboxEntry Entry, bool Added) Enqueue(ChatRoom room, OutgoingMessage message, string? traceparent)
    {
        try
        {
            lock (_gate)
            {
                ThrowIfEnded();
                if (_rooms.GetValueOrDefault(room.Name) != room)
                {
                    throw new ChatException(ErrorCode.NotJoined, "The room was left, or the node refused it.");
                }

                var send = new SendFrame(room.Name, message.Id, message.Text, traceparent);
                if (_sender.FindProblem(send) is { } problem)
                {
                    throw problem;
                }

                var added = _outbox.Add(send);
                _sender.Next(room);
                return added;
            }
        }
        finally
        {
            _notices.Tell();
        }
    }

    private HistoryRequest Request(ChatRoom room, long? before, int limit)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            if (_rooms.GetValueOrDefault(room.Name) != room)
            {
                throw new ChatException(ErrorCode.NotJoined, "The room was left, or the node refused it.");
            }

            var end = (room.Last?.Offset ?? 0) + 1;
            var request = new HistoryRequest(Math.Clamp(before ?? end, 0, end), limit);
            room.Link.History.Enqueue(request);
            _histories.Next(room);
            return request;
        }
    }

    private void Cancel(OutboxEntry entry, CancellationToken cancellationToken) => Do(() => _sender.Cancel(entry, cancellationToken));

    private void ThrowIfEnded()
    {
        if (_ended is { } ended)
        {
            throw new ChatException(ended.Code, ended.Message, ended.InnerException);
        }
    }
}
