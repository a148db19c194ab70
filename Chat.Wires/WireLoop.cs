using System.Net;
using System.Net.Sockets;
using Chat.Wires.Engines;
using Chat.Wires.Sending;
using Chat.Wires.Timing;
using Chat.Wires.Turns;
using Microsoft.Extensions.Logging;

namespace Chat.Wires;

/// <summary>
/// One thread with its own sockets, timers and buffers. A connection is one async method that reads from top to bottom; it lives here
/// from accept to close and never meets another thread, so it needs no lock. Nothing on a loop may block: all its wires would wait.
/// </summary>
/// <remarks>
/// A turn: what was queued goes to the kernel and news come back (<see cref="IEngine.Turn"/>), then timers, what other threads posted,
/// and everybody who is ready, once each. Members are for the loop's own thread unless they say otherwise.
/// </remarks>
public sealed partial class WireLoop
{
    private const int Forever = -1;

    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TimerHeap _timers = new();
    private readonly Inbox _inbox;
    private readonly Action<Exception> _failed;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private int _threadId;
    private IEngine _engine = null!;
    private volatile bool _stopping;

    internal WireLoop(string name, WireOptions options, Func<WireLoop, IEngine> engine, (TimeProvider Clock, ILogger Logger) services)
    {
        (Options, _clock, _logger) = (options, services.Clock, services.Logger);
        _failed = LogFailed;
        Pool = new BytePool(options.PooledBytesMax);
        _inbox = new Inbox(() => _engine.Wake());
        _thread = new Thread(() => Run(engine)) { IsBackground = true, Name = name };
        _thread.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>How many turns there have been: a new one gives each wire a new budget.</summary>
    public long Turn { get; private set; }

    /// <summary>True on the loop's own thread.</summary>
    public bool IsCurrent => Environment.CurrentManagedThreadId == _threadId;

    /// <summary>The loop is ending: its wires are reset, and delays end early.</summary>
    public bool Stopping => _stopping;

    /// <summary>Native bytes that somebody still holds: 0 when all wires are closed and all <see cref="SharedBytes"/> disposed.</summary>
    public long NativeBytesHeld => Pool.BytesHeld;

    /// <summary>Received buffers with bytes that nobody has read yet.</summary>
    public int BuffersHeld => _engine.BuffersHeld;

    internal bool IsIdle => _engine.IsIdle;

    internal WireOptions Options { get; }

    internal ReadyQueue Ready { get; } = new();

    internal BytePool Pool { get; }

    internal SegmentPool Segments { get; } = new();

    internal DirtyWires Dirty { get; } = new();

    /// <summary>Runs something on the loop. From any thread; what is posted together costs one wake.</summary>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public void Post(Action<object?> action, object? state) =>
        ObjectDisposedException.ThrowIf(!TryPost(action, state), this);

    /// <summary>As <see cref="Post"/>.</summary>
    /// <returns>False once the loop has ended.</returns>
    public bool TryPost(Action<object?> action, object? state) => _inbox.TryAdd(action, state);

    /// <summary>To be awaited by whoever may be on another thread: he goes on on the loop.</summary>
    public LoopEntry EnterAsync() => new(this);

    /// <summary>Starts an async method on the loop. From any thread.</summary>
    /// <returns>Its end, for a waiter who is not on the loop.</returns>
    public Task RunAsync(Func<Task> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(
            static async state =>
            {
                var (work, done) = ((Func<Task>, TaskCompletionSource))state!;
                try
                {
                    await work();
                    done.SetResult();
                }
#pragma warning disable CA1031 // Handed to whoever waits.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    done.SetException(exception);
                }
            },
            (work, done));
        return done.Task;
    }

    /// <summary>Goes on in the next turn, when everybody else who is ready has had theirs.</summary>
    public ValueTask YieldAsync() => new NextTurn(this).WaitAsync();

    /// <returns>False when the loop stops before the time is over.</returns>
    public ValueTask<bool> DelayAsync(TimeSpan time) => new Delay(this).WaitAsync(time);

    /// <param name="aborts">Reset the wire when the time is up, instead of ending its receiving.</param>
    public Deadline DeadlineFor(Wire wire, bool aborts = false) => new(this, wire, aborts);

    /// <summary>Copies bytes once into memory that any number of wires of this loop can send from.</summary>
    /// <returns>The caller's to dispose, when it has queued it to all.</returns>
    public SharedBytes Share(ReadOnlySpan<byte> bytes)
    {
        CheckThread();
        var shared = Pool.Rent(bytes.Length);
        shared.Append(bytes);
        return shared;
    }

    /// <param name="connected">The loop's from now on.</param>
    /// <exception cref="SocketException">No descriptor or memory left; the socket is closed.</exception>
    public Wire Attach(Socket connected)
    {
        CheckThread();
        return _engine.Attach(connected);
    }

    /// <summary>Takes connections off a listening socket. Several loops take evenly when each has a socket of its own: <see cref="WireListener.Bind"/>.</summary>
    /// <param name="listening">The loop's from now on.</param>
    public WireListener Listen(Socket listening)
    {
        CheckThread();
        return _engine.Listen(listening);
    }

    /// <returns>A wire of this loop, or why there is none. Never an exception for what the network does.</returns>
    public ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout)
    {
        CheckThread();
        return _engine.ConnectAsync(endpoint, timeout);
    }

    /// <summary>Asks it to end. From any thread; <see cref="Join"/> waits for it.</summary>
    internal void Stop()
    {
        _stopping = true;
        _inbox.TryAdd(static _ => { }, null);
    }

    internal void Join() => _thread.Join();

    internal void Set(LoopTimer timer, TimeSpan after)
    {
        CheckThread();
        _timers.Set(timer, _stopping ? 0 : _clock.GetTimestamp() + (long)(after.TotalSeconds * _clock.TimestampFrequency));
    }

    internal void Clear(LoopTimer timer)
    {
        CheckThread();
        _timers.Clear(timer);
    }

    /// <summary>In a debug build, throws where the loop's thread is left: to be asked behind each <c>await</c> of a path that has to stay on it.</summary>
    /// <exception cref="InvalidOperationException">Another thread asks.</exception>
    [System.Diagnostics.Conditional("DEBUG")]
    public void AssertCurrent() => CheckThread();

    internal void CheckThread()
    {
        if (!IsCurrent)
        {
            throw new InvalidOperationException("A wire belongs to its loop's thread: post what comes from elsewhere.");
        }
    }

    internal void NotAccepted(string reason) => LogNotAccepted(reason, Options.AcceptPause.TotalMilliseconds);

    private void Run(Func<WireLoop, IEngine> create)
    {
        _threadId = Environment.CurrentManagedThreadId;
        SynchronizationContext.SetSynchronizationContext(new LoopContext(this));
        try
        {
            _engine = create(this);
        }
#pragma warning disable CA1031 // Thrown again by whoever starts the loop.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _started.SetException(exception);
            return;
        }

        _started.SetResult();
        while (!_stopping)
        {
            RunTurn(Forever);
        }

        End();
        if (!IsIdle || BuffersHeld > 0 || NativeBytesHeld > 0)
        {
            LogLeak(_thread.Name!, NativeBytesHeld, BuffersHeld);
        }

        _engine.Dispose();
        Pool.Dispose();
    }

    private void RunTurn(int timeoutMax)
    {
        Turn++;
        _engine.Turn(Timeout(timeoutMax));
        FireTimers();
        _inbox.RunAll(_failed);
        Ready.RunTurn();
    }

    /// <summary>Those that are set now: one that sets itself again has the next turn.</summary>
    private void FireTimers()
    {
        var now = _stopping ? long.MaxValue - 1 : _clock.GetTimestamp();
        for (var left = _timers.Count; left > 0 && _timers.TakeDue(now) is { } timer; left--)
        {
            timer.Fire();
        }
    }

    /// <returns>Milliseconds until something is due; 0 when something is ready.</returns>
    private int Timeout(int most)
    {
        if (!Ready.IsEmpty || !_inbox.TrySleep())
        {
            return 0;
        }

        if (_timers.NextDue == long.MaxValue)
        {
            return most;
        }

        var milliseconds = Math.Ceiling(Math.Max(0, _timers.NextDue - _clock.GetTimestamp()) * 1000.0 / _clock.TimestampFrequency);
        return (int)Math.Min(milliseconds, most == Forever ? int.MaxValue : most);
    }

    /// <summary>Resets all wires, and lets those who waited for them come to their end.</summary>
    private void End()
    {
        const int Moment = 10;
        var started = TimeProvider.System.GetTimestamp();
        do
        {
            _engine.CloseAll();
            RunTurn(Moment);
        }
        while ((!_engine.IsIdle || !Ready.IsEmpty || !_inbox.TryClose()) && TimeProvider.System.GetElapsedTime(started) < Options.StopMax);
    }

    [LoggerMessage(LogLevel.Error, "What was posted to a loop failed")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "{Loop} ended while {Bytes} native bytes and {Buffers} buffers were held: something was not disposed")]
    private partial void LogLeak(string loop, long bytes, int buffers);

    [LoggerMessage(LogLevel.Warning, "A connection was not accepted: {Reason}. The next try is in {PauseMs} ms")]
    private partial void LogNotAccepted(string reason, double pauseMs);
}
