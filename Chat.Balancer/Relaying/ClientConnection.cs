using System.Diagnostics;
using System.Net;
using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Status;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>One client's connection: its requests one after the other, until it closes or becomes a tunnel.</summary>
internal sealed class ClientConnection : IDisposable
{
    private const int LingerBytesMax = 256 * 1024;

    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);

    private readonly Relay _relay;
    private readonly BufferedWire _client;
    private readonly Deadline _deadline;
    private readonly IPAddress _peer;
    private readonly bool _admin;
    private IPAddress _address;
    private volatile bool _idle;
    private bool _tunnelled;
    private bool _toHead;
    private string? _node;
    private int? _status;

    /// <param name="admin">It came to a listener for operators.</param>
    public ClientConnection(Wire wire, IPAddress address, bool admin, Relay relay)
    {
        (_relay, _client) = (relay, new BufferedWire(wire));
        _deadline = wire.DeadlineFor();
        (_peer, _address, _admin) = (address, address, admin);
    }

    /// <returns>The tunnel that this connection has become, for the caller to run, or null when it is over.</returns>
    public async Task<Tunnel?> ServeAsync()
    {
        _deadline.Set(TimeSpan.FromSeconds(_relay.Options.HeadSeconds));
        while (true)
        {
            var (request, refusal) = await ReadHeadAsync();
            if (request is null)
            {
                await RefuseAsync(refusal);
                return null;
            }

            _deadline.Clear();
            await _client.Wire.NextRequestAsync();
            (_toHead, _node, _status) = (request.IsHead, null, null);
            var handover = await HandleAsync(request);
            if (handover.Tunnel is not null)
            {
                _tunnelled = true;
                return handover.Tunnel;
            }

            if (!handover.KeepAlive || _relay.State.Draining)
            {
                await RefuseAsync(handover.Refusal);
                return null;
            }

            if (!await HasNextAsync())
            {
                return null;
            }
        }
    }

    /// <summary>Ends the wait for a next request: the balancer is leaving.</summary>
    public void CloseIfIdle()
    {
        if (_idle)
        {
            _client.Wire.StopReceiving();
        }
    }

    public void Dispose()
    {
        _deadline.Dispose();
        if (!_tunnelled)
        {
            _client.Dispose();
            _client.Wire.Dispose();
        }
    }

    private async Task<Handover> HandleAsync(RequestHead request)
    {
        if (LocalEndpoints.Owns(request))
        {
            return await _relay.Local.AnswerAsync(request, _client.Wire, new Visitor(_peer, _admin));
        }

        if (_admin)
        {
            return Refusal.NotFound;
        }

        // A trusted proxy sends requests of several clients on one connection.
        _address = _relay.Addresses.Of(_peer, request.Fields);

        var started = _relay.Clock.GetTimestamp();
        using var span = _relay.Telemetry.StartSpan(request);
        var handover = await ForwardAsync(request, span);
        BalancerTelemetry.EndSpan(span, handover);
        _relay.Log.Answered(request, _address, _node, handover.Refusal?.Status ?? _status, _relay.Clock.GetElapsedTime(started));
        return handover;
    }

    private async Task<Handover> ForwardAsync(RequestHead request, Activity? span)
    {
        if (_relay.State.Draining)
        {
            return Refusal.Draining;
        }

        using var left = request.IsWebSocket ? new CancellationTokenSource() : null;
        if (left is not null && !await WaitForTurnAsync(left))
        {
            return left.IsCancellationRequested ? Handover.Close : Refusal.HandshakeQueue;
        }

        var forwarding = new Forwarding($"{_address}", _relay.Addresses.SchemeOf(_peer, request.Fields, _client.Wire.Encrypted), _relay.State.Id);
        var head = ForwardedHead.Request(request, forwarding, _relay.Idle.Suits(request), span?.Id);
        List<Destination> failed = [];
        return await TryForwardAsync(request, head, firstTry: true, failed, span, left?.Token ?? default)
            ?? (await TryForwardAsync(request, head, firstTry: false, failed, span, left?.Token ?? default))!.Value;
    }

    /// <returns>
    /// Null when it is worth one more try: a kept connection turned out to be closed before it answered anything, or a handshake failed where
    /// another node could do better.
    /// </returns>
    private async Task<Handover?> TryForwardAsync(
        RequestHead request, ReadOnlyMemory<byte> head, bool firstTry, List<Destination> failed, Activity? span, CancellationToken left)
    {
        var (upstream, refusal) = await _relay.ConnectAsync(request, _client.Wire, _address, mayReuse: firstTry, failed, left);
        if (upstream is null)
        {
            return left.IsCancellationRequested ? Handover.Close : refusal!;
        }

        span?.SetTag("chat.node.id", upstream.Destination.Id);
        _node = upstream.Destination.Id;
        using var exchange = new Exchange(_client, upstream, _relay.Options, _relay.Clock);
        var handover = Handover.Close;
        var mayRetry = firstTry && request.IsWebSocket && _relay.HasOther(upstream.Destination);
        try
        {
            handover = await exchange.RunAsync(request, head, mayRetry);
            _status = exchange.Status;
        }
        finally
        {
            if (!(upstream.Reused && exchange.Unanswered))
            {
                _relay.Finished(request, upstream, exchange, handover);
            }
        }

        if (upstream.Reused && exchange.Unanswered && handover.Refusal == Refusal.EarlyClose)
        {
            return null;
        }

        if (mayRetry && handover.Refusal is { BlamesNode: true })
        {
            _relay.Telemetry.Retried(upstream.Destination.Id);
            failed.Add(upstream.Destination);
            return null;
        }

        if (_relay.Idle.Suits(request) && exchange.TryRelease())
        {
            _relay.Idle.Keep(upstream);
        }

        return handover;
    }

    /// <summary>Who leaves while it waits gives its place to the next.</summary>
    private async ValueTask<bool> WaitForTurnAsync(CancellationTokenSource left)
    {
        var entering = _relay.State.Handshakes.EnterAsync(left.Token);
        if (entering.IsCompleted)
        {
            return await entering;
        }

        _client.Watch(_relay.Options.HeadBytesMax, broken: Leave, ended: Leave);
        return await entering;

        void Leave()
        {
            try
            {
                left.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The handshake is over.
            }
        }
    }

    private async Task<(RequestHead? Head, Refusal? Refusal)> ReadHeadAsync()
    {
        var seen = 0;
        while (true)
        {
            var parsed = _relay.Parser.Parse(_client.Buffered.Span, seen);
            if (parsed.Head is not null || parsed.Refusal is not null)
            {
                _client.Consume(parsed.Length);
                return (parsed.Head, parsed.Refusal);
            }

            seen = _client.Buffered.Length;
            if (await _client.FillAsync(_relay.Options.HeadBytesMax) <= 0)
            {
                return (null, _deadline.Expired ? Refusal.SlowHead : null);
            }
        }
    }

    /// <summary>Between requests a connection may be quiet for long; once the next has begun, its head must come quickly.</summary>
    private async ValueTask<bool> HasNextAsync()
    {
        if (_client.NeedsFill)
        {
            _deadline.Set(TimeSpan.FromSeconds(_relay.Options.KeepAliveSeconds));
            _idle = true;
            var received = _relay.State.Draining ? 0 : await _client.FillAsync(_relay.Options.HeadBytesMax);
            _idle = false;
            if (received <= 0)
            {
                return false;
            }
        }

        _deadline.Set(TimeSpan.FromSeconds(_relay.Options.HeadSeconds));
        return true;
    }

    /// <summary>Answers, and reads on for a moment: closing with unread bytes would reset the connection before the answer is read.</summary>
    public async ValueTask RefuseAsync(Refusal? refusal)
    {
        if (refusal is not null)
        {
            _relay.Telemetry.Refused(refusal);
            using var patience = _client.Wire.DeadlineFor(aborts: true);
            patience.Set(LingerTime);
            await _client.Wire.SendAsync(Reply.Refuse(refusal, _relay.RetryAfterSeconds(), _toHead));
        }

        _deadline.Set(LingerTime);
        await _client.Wire.EndSendingAsync();
        for (var lingered = 0; lingered < LingerBytesMax;)
        {
            if (!_client.NeedsFill)
            {
                _client.Consume(_client.Buffered.Length);
            }

            var received = await _client.FillAsync(_relay.Options.HeadBytesMax);
            if (received <= 0)
            {
                return;
            }

            lingered += received;
        }
    }
}
