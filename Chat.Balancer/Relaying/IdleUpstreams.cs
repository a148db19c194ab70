using System.Collections.Concurrent;
using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;
using WireLoop = Chat.Wires.WireLoop;

namespace Chat.Balancer.Relaying;

/// <summary>
/// Connections to nodes on which a request has ended cleanly, kept for the next: few for each node, and not for long. Only requests that
/// have no body and may be sent twice come here, so that nothing a client sends can be taken for the start of another's request, and
/// a connection that the node closes at the same moment costs a retry and no answer.
/// </summary>
internal sealed class IdleUpstreams : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Destination, List<Idle>> _idle = new();
    private readonly DestinationTable _table;
    private readonly TimeProvider _clock;
    private readonly int _eachMax;
    private readonly TimeSpan _idleMax;
    private volatile bool _over;

    public IdleUpstreams(DestinationTable table, IOptions<BalancerOptions> options, BalancerTelemetry telemetry, TimeProvider clock)
    {
        (_table, _clock) = (table, clock);
        (_eachMax, _idleMax) = (options.Value.IdleUpstreamsMax, TimeSpan.FromSeconds(options.Value.IdleUpstreamSeconds));
        telemetry.Meter.CreateObservableUpDownCounter(
            "chat.balancer.upstreams.idle", () => Count, "{connection}", "Connections to nodes kept for a next request.");
    }

    public int Count => _idle.Values.Sum(CountOf);

    /// <summary>Whether this request may use a kept connection, and its own be kept after it.</summary>
    public bool Suits(RequestHead request) => _eachMax > 0
        && request is { IsHttp11: true, IsWebSocket: false, Framing.Kind: BodyKind.None, Method: "GET" or "HEAD" };

    /// <param name="loop">The taker's: a wire never changes its loop.</param>
    /// <returns>The one used last, or null when there is none that is still good.</returns>
    public Wire? TryTake(Destination destination, WireLoop loop)
    {
        if (!_idle.TryGetValue(destination, out var kept))
        {
            return null;
        }

        while (true)
        {
            Idle idle;
            lock (kept)
            {
                var last = kept.FindLastIndex(one => one.Wire.Loop == loop);
                if (last < 0)
                {
                    return null;
                }

                idle = kept[last];
                kept.RemoveAt(last);
            }

            if (idle.Wire.IsQuiet && _clock.GetElapsedTime(idle.Since) < _idleMax)
            {
                return idle.Wire;
            }

            idle.Wire.Dispose();
        }
    }

    /// <param name="upstream">Nothing of its last response is left unread. Owned by the pool from now on.</param>
    public void Keep(Upstream upstream)
    {
        var kept = _idle.GetOrAdd(upstream.Destination, _ => new List<Idle>());
        lock (kept)
        {
            if (!_over && kept.Count < _eachMax)
            {
                kept.Add(new Idle(upstream.Wire, _clock.GetTimestamp()));
                return;
            }
        }

        upstream.Wire.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _clock);
        while (await timer.NextAsync(stoppingToken))
        {
            var present = _table.Current.Select(view => view.Destination).ToHashSet();
            Close(idle => !idle.Wire.IsQuiet || _clock.GetElapsedTime(idle.Since) >= _idleMax, gone: destination => !present.Contains(destination));
        }

        _over = true;
        Close(_ => true, gone: _ => true);
    }

    private void Close(Func<Idle, bool> bad, Func<Destination, bool> gone)
    {
        foreach (var (destination, kept) in _idle)
        {
            var isGone = gone(destination);
            lock (kept)
            {
                var ends = kept.ToLookup(idle => isGone || bad(idle));
                kept.Clear();
                kept.AddRange(ends[false]);
                foreach (var closing in ends[true])
                {
                    closing.Wire.Dispose();
                }
            }

            if (isGone)
            {
                _idle.TryRemove(destination, out _);
            }
        }
    }

    private static int CountOf(List<Idle> kept)
    {
        lock (kept)
        {
            return kept.Count;
        }
    }

    private readonly record struct Idle(Wire Wire, long Since);
}
