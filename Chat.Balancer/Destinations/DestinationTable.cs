using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Net;
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
    private readonly ILogger<DestinationTable> _logger;

    /// <summary>Without a lease, and with tunnels: who stood still for a while comes back as the same, with the tunnels it has.</summary>
    private readonly List<Destination> _gone = [];

    private volatile ImmutableArrayBox _current = new([]);

    public DestinationTable(
        IOptions<BalancerOptions> options, BalancerTelemetry telemetry, TimeProvider clock, DestinationNews news, ILogger<DestinationTable> logger)
    {
        (_options, _clock, _news, _logger) = (options.Value, clock, news, logger);
        _rules = new HealthRules(_options.ProbeFailuresToLeave, _options.ProbeSuccessesToReturn);
        _grace = TimeSpan.FromSeconds(_options.LeaseGraceSeconds);
        telemetry.Meter.CreateObservableGauge(
            "chat.balancer.destination.connections",
            () => Current.Select(view => new Measurement<int>(
                view.Connections, new KeyValuePair<string, object?>("node", view.Destination.Id))),
            "{connection}",
            "Live connections per node, as the balancer reckons them.");
    }

    public ImmutableArray<DestinationView> Current => _current.Views;

    /// <summary>Takes the leases just read. A destination without one stays while its probes succeed and its grace lasts.</summary>
    public void Apply(IReadOnlyCollection<NodeLease> leases)
    {
        var now = _clock.GetTimestamp();
        var before = Current;
        var after = ImmutableArray.CreateBuilder<DestinationView>();
        foreach (var lease in leases.OrderBy(lease => lease.Id, StringComparer.Ordinal))
        {
            var known = before.FirstOrDefault(view => view.Destination.IsOf(lease));
            var destination = known?.Destination ?? _gone.FirstOrDefault(gone => gone.IsOf(lease)) ?? Create(lease);
            if (destination is null)
            {
                continue;
            }

            after.Add(new DestinationView(destination, lease, destination.Connections, now));
            Report(known, lease);
        }

        foreach (var view in before)
        {
            if (leases.Any(lease => lease.Id == view.Destination.Id))
            {
                continue;
            }

            if (view.Usable && _clock.GetElapsedTime(view.LeaseSeen, now) < _grace)
            {
                after.Add(view);
                continue;
            }

            _gone.Add(view.Destination);
            _news.Gone(view.Destination.Id);
        }

        _current = new ImmutableArrayBox(after.ToImmutable());
        _gone.RemoveAll(gone => gone.Connections == 0 || after.Any(view => view.Destination == gone));
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
            return new Destination(lease.Id, lease.Incarnation, endpoint, new DestinationHealth(_rules), new Standing(StandingRules.Of(_options), _clock), handshakes, _clock);
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

    private sealed record ImmutableArrayBox(ImmutableArray<DestinationView> Views);
}
