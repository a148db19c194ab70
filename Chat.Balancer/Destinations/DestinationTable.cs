using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Net;
using Chat.Balancer.Administration;
using Chat.Balancer.Admission;
using Chat.Protocol;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Destinations;

/// <summary>The nodes, as an immutable snapshot that is replaced whole. Written by the lease watcher; read by everyone.</summary>
internal sealed partial class DestinationTable
{
    private readonly BalancerOptions _options;
    private readonly HealthRules _rules;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _clock;
    private readonly DestinationNews _news;
    private readonly BalancerState _state;
    private readonly NodeSettings _settings;
    private readonly ILogger<DestinationTable> _logger;

    /// <summary>Without a lease, and with tunnels: who stood still for a while comes back as the same, with the tunnels it has.</summary>
    private volatile ImmutableArrayBox<Destination> _gone = new([]);

    private volatile ImmutableArrayBox<DestinationView> _current = new([]);
    private bool _leasesLost;

    public DestinationTable(
        IOptions<BalancerOptions> options,
        BalancerState state,
        NodeSettings settings,
        BalancerTelemetry telemetry,
        TimeProvider clock,
        DestinationNews news,
        ILogger<DestinationTable> logger)
    {
        (_options, _state, _settings, _clock, _news, _logger) = (options.Value, state, settings, clock, news, logger);
        _rules = new HealthRules(_options.ProbeFailuresToLeave, _options.ProbeSuccessesToReturn);
        _grace = TimeSpan.FromSeconds(_options.LeaseGraceSeconds);
        telemetry.Meter.CreateObservableGauge(
            "chat.balancer.destination.connections",
            () => Current.Select(view => new Measurement<int>(
                view.Connections, new KeyValuePair<string, object?>("node", view.Destination.Id))),
            "{connection}",
            "Live connections per node, as the balancer reckons them.");
        telemetry.Meter.CreateObservableGauge(
            "chat.balancer.destination.penalty",
            () => Current.Select(view => new Measurement<double>(
                view.Destination.Standing.Penalty, new KeyValuePair<string, object?>("node", view.Destination.Id))),
            "1",
            "The share of its picks that a node does not get because of failed handshakes.");
    }

    public ImmutableArray<DestinationView> Current => _current.Items;

    /// <summary>Those to be probed: the current ones, and those that are gone but have tunnels.</summary>
    public IEnumerable<Destination> Watched => Current.Select(view => view.Destination).Concat(_gone.Items);

    /// <summary>True while its lease was there at the last reading.</summary>
    public bool HasLease(Destination destination) => Current.Any(view => view.Destination == destination && view.HasLease);

    /// <summary>
    /// Takes the leases just read. A destination without one stays for its grace while it answers. When too many are without one, it is Redis
    /// that has lost them: they stay while they take connections.
    /// </summary>
    public void Apply(IReadOnlyCollection<NodeLease> leases)
    {
        var now = _clock.GetTimestamp();
        var before = Current;
        var after = ImmutableArray.CreateBuilder<DestinationView>();
        foreach (var lease in leases.OrderBy(lease => lease.Id, StringComparer.Ordinal))
        {
            var known = before.FirstOrDefault(view => view.Destination.IsOf(lease));
            var destination = known?.Destination ?? _gone.Items.FirstOrDefault(gone => gone.IsOf(lease)) ?? Create(lease);
            if (destination is not null)
            {
                after.Add(new DestinationView(destination, lease, OwnAtReport(destination, known, lease), now));
                Report(known, lease);
            }
        }

        var leased = leases.Select(lease => lease.Id).ToHashSet();
        var missing = before.Where(view => !leased.Contains(view.Destination.Id)).ToList();
        var lost = NoteLost(before, missing);
        foreach (var view in missing)
        {
            var health = view.Destination.Health;
            if (lost ? health.Reachable : health.Answering && _clock.GetElapsedTime(view.LeaseSeen, now) < _grace)
            {
                after.Add(view with { HasLease = false });
            }
            else
            {
                _news.Gone(view.Destination.Id);
            }
        }

        Replace(before, after.ToImmutable());
    }

    /// <summary>A lease that is read again is as old as before: what has come since is still on top of it.</summary>
    private int OwnAtReport(Destination destination, DestinationView? known, NodeLease lease) =>
        lease.Through is { } through ? through.GetValueOrDefault(_state.Id)
            : lease.Sequence > 0 && known?.Lease.Sequence == lease.Sequence ? known.OwnAtReport
            : destination.Connections;

    /// <summary>Who drains has said that it goes.</summary>
    private bool NoteLost(ImmutableArray<DestinationView> before, IReadOnlyCollection<DestinationView> missing)
    {
        var staying = before.Count(view => view.Lease.State != NodeState.Draining);
        var away = missing.Count(view => view.Lease.State != NodeState.Draining);
        var lost = away > staying * _options.LeasesLostRatioMax;
        if (lost != _leasesLost)
        {
            _leasesLost = lost;
            _news.LeasesLost(lost, away, staying);
        }

        return lost;
    }

    private void Replace(ImmutableArray<DestinationView> before, ImmutableArray<DestinationView> after)
    {
        var present = after.Select(view => view.Destination).ToHashSet();
        _current = new ImmutableArrayBox<DestinationView>(after);
        _gone = new ImmutableArrayBox<Destination>(
        [
            .. before.Select(view => view.Destination).Concat(_gone.Items).Distinct()
                .Where(destination => destination.Connections > 0 && !present.Contains(destination)),
        ]);
    }

    private Destination? Create(NodeLease lease)
    {
        if (EndpointOf(lease.Url) is { } endpoint)
        {
            var handshakes = new RateQueue(
                _options.HandshakesPerSecondPerNodeMax,
                _options.HandshakeQueueMax,
                TimeSpan.FromSeconds(_options.HandshakeQueueSeconds),
                _clock);
            return new Destination(
                lease.Id, lease.Incarnation, lease.Url, endpoint, new DestinationHealth(_rules, _clock), new Standing(StandingRules.Of(_options), _clock), _settings.Of(lease.Id), handshakes, _clock);
        }

        LogBadUrl(lease.Id, lease.Url);
        return null;
    }

    private void Report(DestinationView? known, NodeLease lease)
    {
        if (known?.Lease.State != lease.State)
        {
            _news.Changed(lease);
        }
    }

    private static IPEndPoint? EndpointOf(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
        {
            return null;
        }

        return IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) ? new IPEndPoint(address, uri.Port)
            : uri.IsLoopback ? new IPEndPoint(IPAddress.Loopback, uri.Port)
            : null;
    }

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} advertises {Url}, which is not http and an address")]
    private partial void LogBadUrl(string nodeId, string url);

    private sealed record ImmutableArrayBox<T>(ImmutableArray<T> Items);
}
