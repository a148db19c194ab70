using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Chat.Node.Backplane;

/// <summary>
/// Rooms that are compared with Redis: each once a period, at a phase of its own, and whenever there is doubt about it. Many are
/// asked for in one call, and few such calls are under way at once. A room that waits already is not added again.
/// Safe to call from any thread.
/// </summary>
internal sealed partial class Rechecks<T> : IAsyncDisposable
    where T : class
{
    private const int Phases = 30;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<T, string>[] _open = [.. Enumerable.Range(0, Phases).Select(_ => new ConcurrentDictionary<T, string>())];
    private readonly Queue<T> _waiting = [];
    private readonly HashSet<T> _listed = [];
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<IReadOnlyList<T>, CancellationToken, Task> _look;
    private readonly ITimer _timer;
    private int _phase;
    private int _workers;

    /// <param name="look">Compares some of them, at most <see cref="NodeOptions.RecheckRoomsMax"/>; fails when Redis does not answer, and is then asked again.</param>
    public Rechecks(NodeOptions options, TimeProvider time, ILogger logger, Func<IReadOnlyList<T>, CancellationToken, Task> look)
    {
        (_options, _time, _logger, _look) = (options, time, logger, look);
        _timer = time.CreateTimer(_ => BeginPhase(), null, NextPhase(), Timeout.InfiniteTimeSpan);
    }

    public IEnumerable<T> All => _open.SelectMany(phase => phase.Keys);

    /// <summary>Rooms that wait for their turn.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    public void Add(T item, string room) => PhaseOf(item)[item] = room;

    /// <returns>The room's name; null when it was not there.</returns>
    public string? Remove(T item) => PhaseOf(item).TryRemove(item, out var room) ? room : null;

    /// <summary>Has it compared as soon as it is its turn.</summary>
    public void Doubt(T item)
    {
        lock (_gate)
        {
            if (!_stop.IsCancellationRequested && _listed.Add(item))
            {
                _waiting.Enqueue(item);
                if (_workers < _options.RechecksMax)
                {
                    _workers++;
                    _ = Task.Run(ServeAsync);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        lock (_gate)
        {
            if (_workers == 0)
            {
                _idle.TrySetResult();
            }
        }

        await _idle.Task;
        _stop.Dispose();
    }

    private ConcurrentDictionary<T, string> PhaseOf(T item) => _open[(uint)RuntimeHelpers.GetHashCode(item) % Phases];

    private void BeginPhase()
    {
        foreach (var item in _open[_phase].Keys)
        {
            Doubt(item);
        }

        _phase = (_phase + 1) % Phases;
        try
        {
            _timer.Change(NextPhase(), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The node leaves.
        }
    }

    // Jittered, so that nodes started together do not ask together.
    private TimeSpan NextPhase() => _options.RecheckPeriod / Phases * (0.75 + (Random.Shared.NextDouble() / 2));

    private async Task ServeAsync()
    {
        // What made us look is no part of what is found.
        Activity.Current = null;
        var failures = 0;
        while (Take() is { Count: > 0 } batch)
        {
            try
            {
                await _look(batch, _stop.Token);
                failures = 0;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The node leaves.
            }
            catch (BackplaneUnavailableException)
            {
                foreach (var item in batch)
                {
                    Doubt(item);
                }

                await Task.Delay(RetryDelay.After(failures++, _options), _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
#pragma warning disable CA1031 // A fault with some rooms must not keep the others from being compared. Their time comes again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(batch.Count, exception);
            }
        }
    }

    /// <returns>None: this worker has ended.</returns>
    private List<T> Take()
    {
        var batch = new List<T>();
        lock (_gate)
        {
            while (batch.Count < _options.RecheckRoomsMax && !_stop.IsCancellationRequested && _waiting.TryDequeue(out var item))
            {
                _listed.Remove(item);
                if (PhaseOf(item).ContainsKey(item))
                {
                    batch.Add(item);
                }
            }

            if (batch.Count == 0)
            {
                _workers--;
                if (_workers == 0 && _stop.IsCancellationRequested)
                {
                    _idle.TrySetResult();
                }
            }
        }

        return batch;
    }

    [LoggerMessage(LogLevel.Error, "{Rooms} rooms could not be compared with Redis")]
    private partial void LogFailed(int rooms, Exception exception);
}
