using Chat.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chat.Client;

/// <summary>
/// A user of the chat: keeps a connection, comes back when it breaks, goes on in every room where it was, and sends again what
/// is not known to be stored. Connects at <see cref="StartAsync"/>, or at the first join. Safe to call from any thread.
/// </summary>
public sealed class ChatClient : IAsyncDisposable
{
    /// <summary>The name of the client's <c>Meter</c> and <c>ActivitySource</c>.</summary>
    public const string TelemetryName = Telemetry.Name;

    private readonly Lock _gate = new();
    private readonly ChatClientOptions _options;
    private readonly ILogger _logger;
    private readonly Notices _notices;
    private readonly Session _session;
    private readonly RoomList _roomList;
    private volatile ConnectionStatus _status = new(ConnectionState.Stopped);
    private TaskCompletionSource? _changed;
    private ClientRun? _run;
    private bool _wasStarted;
    private bool _disposed;

    /// <summary>Does not connect yet.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are wrong; it says how.</exception>
    public ChatClient(ChatClientOptions options, ILogger<ChatClient>? logger = null)
    {
        ChatClientOptionsValidator.Check(options);
        (_options, _logger) = (options, logger ?? NullLogger<ChatClient>.Instance);
        _notices = new Notices(_logger);
        _session = new Session(options, _notices, _logger)
        {
            Invited = invitation => Invited?.Invoke(invitation),
            Settled = settled => MessageSettled?.Invoke(settled),
        };
        _roomList = new RoomList(options);
    }

    /// <summary>Called after every change of <see cref="Status"/>, in order, one at a time, often on the thread that reads the connection: return soon.</summary>
    public event Action<ConnectionStatus>? StatusChanged;

    /// <summary>Called when somebody has opened a direct room with this user. Return soon.</summary>
    public event Action<Invitation>? Invited;

    /// <summary>
    /// Called for each message that waits no longer: stored, refused or given up. What <see cref="ChatRoom.SendAsync(string, CancellationToken)"/>
    /// tells its caller, for messages that have none: those of an earlier run, from the outbox store. Return soon.
    /// </summary>
    public event Action<SettledMessage>? MessageSettled;

    /// <summary>Where the client stands, with what went wrong last.</summary>
    public ConnectionStatus Status => _status;

    /// <summary>Who one is, by the node's word; null before the first connection.</summary>
    public string? User => _session.User;

    /// <summary>Times that a live message did not follow the one before, so that the room was joined again from there.</summary>
    public int Holes => _session.Holes;

    /// <summary>Messages that are not known to be stored, each room's in its order. Those of an earlier run wait until their room is joined.</summary>
    public IReadOnlyList<PendingMessage> Pending => _session.Pending;

    /// <summary>The rooms that are entered, or about to be.</summary>
    public IReadOnlyList<ChatRoom> Rooms => _session.Rooms;

    /// <summary>An id no other message of this user has: 80 random bits.</summary>
    public static string NewMessageId() => OutgoingMessage.NewId();

    /// <summary>
    /// Connects, and from then on comes back by itself. Also the way back after <see cref="StopAsync"/> and after an end for good: rooms
    /// and messages go on where they were. While it waits for the next try, it tries now.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting; the client goes on trying until <see cref="StopAsync"/>.</param>
    /// <returns>Once the connection stands; at once when it does.</returns>
    /// <exception cref="ChatException">
    /// <see cref="ChatException.Timeout"/>: not within <see cref="ChatClientOptions.StartTimeout"/>; the inner exception says why. The client goes
    /// on trying until <see cref="StopAsync"/>. <see cref="ChatException.Closed"/>: the node refused for good.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        Begin(anew: true);
        return WaitConnectedAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the connection. Those who read rooms end; what is not acked fails with <see cref="ChatException.Closed"/>, but stays in the outbox
    /// store where there is one. <see cref="StartAsync"/> goes on.
    /// </summary>
    public async Task StopAsync()
    {
        ClientRun? run;
        lock (_gate)
        {
            (run, _run) = (_run, null);
        }

        if (run is not null)
        {
            await run.StopAsync().ConfigureAwait(false);
            run.Dispose();
        }

        _session.End(new ChatException(ChatException.Closed, "The client was stopped."), forReaders: null);
        SetStatus(run: null, new ConnectionStatus(ConnectionState.Stopped));
    }

    /// <summary>Enters a room, or gives the one already entered. Connects if that has not been done.</summary>
    /// <param name="cancellationToken">Ends the waiting. A room that nobody else waits for or has is left again.</param>
    /// <returns>Once the node has answered.</returns>
    /// <exception cref="ChatException">
    /// Refused by the node or by its limits (the code says why). <see cref="ChatException.Timeout"/>: no answer within
    /// <see cref="ChatClientOptions.JoinTimeout"/>; the inner exception says what kept the client from a connection.
    /// <see cref="ChatException.Closed"/>: stopped, or ended for good.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<ChatRoom> JoinAsync(string room, CancellationToken cancellationToken = default) => EnterAsync(room, after: null, cancellationToken);

    /// <summary>The same, going on where an earlier run has ended: what came since then is shown, or <see cref="ContinuityLost"/> says that it cannot be.</summary>
    /// <param name="after">The <see cref="ChatRoom.Last"/> of then. Without meaning for a room that is already entered.</param>
    /// <inheritdoc cref="JoinAsync(string, CancellationToken)"/>
    public Task<ChatRoom> JoinAsync(string room, Position after, CancellationToken cancellationToken = default) =>
        EnterAsync(room, after, cancellationToken);

    /// <summary>The rooms there are, those with the newest messages first. Needs no connection.</summary>
    /// <exception cref="HttpRequestException">Refused or not reached.</exception>
    public Task<IReadOnlyList<string>> GetRoomsAsync(CancellationToken cancellationToken = default) => _roomList.ReadAsync(cancellationToken);

    /// <summary>As <see cref="StopAsync"/>, for good.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        await StopAsync().ConfigureAwait(false);
        _session.Dispose();
        _roomList.Dispose();
        (_options.OutboxStore as IDisposable)?.Dispose();
    }

    private async Task<ChatRoom> EnterAsync(string name, Position? after, CancellationToken cancellationToken)
    {
        if (!RoomName.IsValid(name))
        {
            throw new ChatException(ErrorCode.BadRoom, "A room name is 1-64 of letters, digits, - _ ., or dm: and two users.");
        }

        Begin(anew: false);
        var room = _session.Enter(name, after);
        var joined = false;
        try
        {
            await room.Joined.WaitAsync(_options.JoinTimeout, _options.Time, cancellationToken).ConfigureAwait(false);
            joined = true;
            return room;
        }
        catch (TimeoutException) when (room.Joined.IsCompletedSuccessfully)
        {
            // The answer came at the last moment.
            joined = true;
            return room;
        }
        catch (TimeoutException)
        {
            throw TimedOut($"Room {name} was not joined", _options.JoinTimeout);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChatException(ErrorCode.NotJoined, $"Room {name} was left before the node had answered.");
        }
        finally
        {
            _session.Entered(room, joined);
        }
    }

    /// <param name="anew">Also after a stop, and after an end for good.</param>
    private void Begin(bool anew)
    {
        ClientRun run;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_run is { HasEnded: false } running)
            {
                if (anew)
                {
                    running.Connector?.Hurry();
                }

                return;
            }

            if (_wasStarted && !anew)
            {
                return;
            }

            _wasStarted = true;
            _run = run = new ClientRun();
            _status = new ConnectionStatus(ConnectionState.Connecting);
        }

        run.Connector = new Connector(_options, _session, status => SetStatus(run, status), _logger);
        _session.Begin();
        _ = RunAsync(run);
    }

    private async Task RunAsync(ClientRun run)
    {
        var connector = run.Connector!;
        var closed = await connector.RunAsync(run.Stopping).ConfigureAwait(false);
        if (closed is not null)
        {
            _session.End(closed, closed);
        }

        // Before the status tells: whoever hears of it may start anew.
        run.End();
        if (closed is not null)
        {
            SetStatus(run, new ConnectionStatus(ConnectionState.Closed, CloseCode: connector.CloseCode, Error: closed));
        }
    }

    private async Task WaitConnectedAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.StartTimeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    changed = (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }

                switch (_status)
                {
                    case { State: ConnectionState.Connected }:
                        return;
                    case { State: ConnectionState.Closed, Error: { } error }:
                        throw new ChatException(ChatException.Closed, error.Message);
                    case { State: ConnectionState.Stopped }:
                        throw new ChatException(ChatException.Closed, "The client was stopped.");
                }

                await changed.WaitAsync(either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut("Not connected", _options.StartTimeout);
        }
    }

    private ChatException TimedOut(string what, TimeSpan after)
    {
        var error = _status.Error;
        var why = error is null ? "" : $" Last error: {error.Message}";
        return new ChatException(ChatException.Timeout, $"{what} within {after.TotalSeconds} s.{why}", error);
    }

    /// <param name="run">Whose status it is: that of an earlier one is of no interest.</param>
    private void SetStatus(ClientRun? run, ConnectionStatus status)
    {
        lock (_gate)
        {
            if (run != _run)
            {
                return;
            }

            _status = status;
            _notices.Add(() => StatusChanged?.Invoke(status));
            _changed?.TrySetResult();
            _changed = null;
        }

        _notices.Tell();
    }
}
