using Chat.Node.Access;
using Chat.Node.Admission;
using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.ServiceDefaults;
using Chat.Wires;

namespace Chat.Node.Connections;

/// <summary>
/// One WebSocket: who it is, what waits for it, the rooms it is in, and the one place that closes it. It lives on one loop; what is
/// safe to call from elsewhere says so, and is posted there.
/// </summary>
#pragma warning disable CA1001 // The source has no timer, and late callers may still use it: there is nothing to release.
internal sealed class Connection
#pragma warning restore CA1001
{
    /// <summary>RFC 6455's name for "no close frame came"; never sent.</summary>
    private const int AbnormalClosure = 1006;

    /// <summary>Old errors are forgiven over this time: a connection may live for days.</summary>
    private static readonly TimeSpan ErrorsWindow = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _abort = new();
    private readonly ITransport _transport;
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;
    private volatile AccessToken _token;
    private int _closeCode;
    private Task? _closing;
    private TaskCompletionSource? _ending;
    private bool _readEnded;
    private long _pingedAt;
    private int _dismissed;
    private TraceBudget? _traces;

    public Connection(string id, AccessToken token, ITransport transport, NodeOptions options, TimeProvider time)
    {
        (Id, _token, _transport, _options, _time) = (id, token, transport, options, time);
        OpenedAt = time.GetUtcNow();
        Frames = new FrameBudget(options.FramesPerSecond, options.FramesBurst, time);
        Errors = new FrameBudget(options.ErrorsPerConnectionMax / ErrorsWindow.TotalSeconds, options.ErrorsPerConnectionMax, time);
        Queue = new OutboundQueue(transport, options.OutboundBytesMax);
    }

    public string Id { get; }

    /// <summary>The one in force: it is replaced by later ones of the same user.</summary>
    public AccessToken Token => _token;

    public string User => _token.User;

    public DateTimeOffset OpenedAt { get; }

    /// <summary>Any number: spreads over time what is done to all connections.</summary>
    public int Scatter { get; } = Random.Shared.Next();

    /// <summary>The balancer it came through; null when it came by itself.</summary>
    public string? Balancer { get; init; }

    /// <summary>W3C trace context of its own span, for others to link to; null when that is not recorded.</summary>
    public string? ConnectSpan { get; set; }

    /// <summary>Of its loop alone; its numbers are for looking on from anywhere.</summary>
    public OutboundQueue Queue { get; }

    public WireLoop Loop => _transport.Loop;

    /// <summary>By room. Only the read loop touches it.</summary>
    public Dictionary<string, Membership> Memberships { get; } = [];

    /// <summary>What it may still send before it asks again. Only the read loop touches it.</summary>
    public SendCredit Credit { get; } = new();

    /// <summary>Only the read loop touches it.</summary>
    public FrameBudget Frames { get; }

    /// <summary>Frames that could not be used lately. Only the read loop touches it.</summary>
    public FrameBudget Errors { get; }

    /// <summary>One more of the traces that the client begins may be recorded. Only the read loop calls it; who sends none pays for none.</summary>
    public bool MayBeFollowed() =>
        (_traces ??= new TraceBudget(_options.ClientTracesPerSecond, _options.ClientTracesBurst, _time)).TryTake();

    /// <summary>It has ended: what is awaited on its behalf need not be any more.</summary>
    public CancellationToken Aborted => _abort.Token;

    /// <summary>Ends it when the server that owns the transport finds the peer gone.</summary>
    public CancellationTokenRegistration AbortWhen(CancellationToken lost) =>
        lost.UnsafeRegister(static connection => ((Connection)connection!).Abort(), this);

    public bool IsClosing => Volatile.Read(ref _closeCode) != 0;

    /// <summary>The code it was closed with, by us or by the peer; 1006 when the peer just went away.</summary>
    public int CloseCodeSeen => Volatile.Read(ref _closeCode) is not 0 and var code ? code : AbnormalClosure;

    /// <summary>Queues a frame for the peer. A peer that reads too slowly is closed: it loses nothing, since it resumes. From any thread.</summary>
    public void Send(OutboundFrame frame)
    {
        if (Loop.IsCurrent)
        {
            Enqueue(frame);
        }
        else
        {
            Loop.TryPost(
                static pair =>
                {
                    var (connection, frame) = ((Connection, OutboundFrame))pair!;
                    connection.Enqueue(frame);
                },
                (this, frame));
        }
    }

    /// <inheritdoc cref="Send(OutboundFrame)"/>
    public void Send(Protocol.Frames.ServerFrame frame) => Send(OutboundFrame.Text(frame));

    /// <summary>Queues an answer of any size, which the limit of what may wait does not count: to be called when little waits, see <see cref="ReadyToAnswerAsync"/>.</summary>
    public void Answer(OutboundFrame frame)
    {
        if (!Queue.TryEnqueueAnswer(frame))
        {
            Close(CloseCode.SlowConsumer, "too slow");
        }
    }

    /// <summary>
    /// Completes when the peer has taken what waits for it, down to <see cref="NodeOptions.OutboundBytesLow"/>: who asks for more than he reads
    /// waits, in his own connection, instead of being closed for it. Taking bytes shows that he is there.
    /// </summary>
    /// <exception cref="OperationCanceledException">The connection has ended.</exception>
    public async ValueTask ReadyToAnswerAsync()
    {
        while (Queue.UnsentBytes > Math.Min(_options.OutboundBytesLow, _options.OutboundBytesMax / 2) && !IsClosing && await Queue.ProgressAsync().WaitAsync(Aborted))
        {
            NoteAlive();
        }
    }

    /// <summary>Says why, waits a bounded time for the peer's close frame, then ends the connection. The first reason counts. From any thread.</summary>
    public void Close(CloseCode code, string reason) =>
        Close((int)code, reason, dropQueued: code is CloseCode.SlowConsumer or CloseCode.NoPong);

    /// <summary>Answers the peer's own close frame.</summary>
    public void EchoClose(int code) => Close(code, "", dropQueued: true);

    /// <summary>Called when the read loop has ended, for whatever reason.</summary>
    public async Task FinishAsync()
    {
        _readEnded = true;
        _ending?.TrySetResult();
        if (Interlocked.CompareExchange(ref _closeCode, AbnormalClosure, 0) == 0)
        {
            Queue.Close(last: null, dropQueued: true);
            Abort();
        }
        else
        {
            // Said elsewhere, and perhaps still on its way here.
            while (_closing is null)
            {
                await Loop.YieldAsync();
            }

            await _closing;
        }
    }

    /// <summary>To be awaited before the next frame: a peer that sends many at once has its turn, as the others have theirs.</summary>
    public ValueTask NextRequestAsync() => _transport.NextRequestAsync();

    public void Renew(AccessToken token) => _token = token;

    /// <summary>Tells the peer to go elsewhere, once: whoever says it closes the connection after that time.</summary>
    public void Dismiss(int reconnectWithinMs)
    {
        if (!IsClosing && Interlocked.Exchange(ref _dismissed, 1) == 0)
        {
            Send(new Protocol.Frames.DrainFrame(reconnectWithinMs));
        }
    }

    /// <summary>It was told to go elsewhere, or it is closing.</summary>
    public bool IsLeaving => IsClosing || Volatile.Read(ref _dismissed) != 0;

    /// <summary>Anything from the peer shows that it is there.</summary>
    public void NoteAlive() => Volatile.Write(ref _pingedAt, 0);

    /// <summary>A ping that still waits for its answer keeps its time: a later one must not give the peer another chance.</summary>
    public void NotePinged() => Interlocked.CompareExchange(ref _pingedAt, _time.GetTimestamp(), 0);

    public bool IsOverdue => Volatile.Read(ref _pingedAt) is not 0 and var at && _time.GetElapsedTime(at) >= _options.PongTimeout;

    /// <summary>Cuts it, without a word to the peer. From any thread.</summary>
    public void Abort()
    {
        if (Loop.IsCurrent)
        {
            _abort.Cancel();
            _transport.StopReceiving();
        }
        else
        {
            Loop.TryPost(static connection => ((Connection)connection!).Abort(), this);
        }
    }

    private void Enqueue(OutboundFrame frame)
    {
        if (!Queue.TryEnqueue(frame))
        {
            Close(CloseCode.SlowConsumer, "too slow");
        }
    }

    private void Close(int code, string reason, bool dropQueued)
    {
        if (Interlocked.CompareExchange(ref _closeCode, code, 0) != 0)
        {
            return;
        }

        // Who did not answer a ping will not answer a close frame: waiting for it would keep a ghost in the room.
        var last = OutboundFrame.Close(code, reason);
        var awaitPeer = code != (int)CloseCode.NoPong;
        if (Loop.IsCurrent)
        {
            _closing = CloseAsync(last, dropQueued, awaitPeer);
        }
        else
        {
            Loop.TryPost(_ => _closing = CloseAsync(last, dropQueued, awaitPeer), null);
        }
    }

    private async Task CloseAsync(OutboundFrame last, bool dropQueued, bool awaitPeer)
    {
        Queue.Close(last, dropQueued);
        using var limit = new CancellationTokenSource(_options.CloseTimeout, _time);
        try
        {
            while (Queue.UnsentBytes > 0 && await Queue.ProgressAsync().WaitAsync(limit.Token))
            {
            }

            if (awaitPeer && !_readEnded)
            {
                // Whatever the peer still sends is read meanwhile, and its close frame ends that.
                _ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await _ending.Task.WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // It takes nothing, or says nothing: the time for manners is over.
        }

        Abort();
    }
}
