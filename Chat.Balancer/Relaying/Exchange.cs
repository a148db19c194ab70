using Chat.Balancer.Heads;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>One request and its response over one connection to one node.</summary>
internal sealed class Exchange : IDisposable
{
    private readonly BufferedWire _client;
    private readonly Upstream _upstream;
    private readonly BalancerOptions _options;
    private readonly TimeProvider _clock;
    private readonly BodyLimits _bodies;
    private readonly BufferedWire _node;
    private readonly Deadline _response;
    private readonly Deadline _clientBody;
    private readonly Deadline _clientSends;
    private NodeWire _nodeWire = NodeWire.Ours;
    private Task<BodyOutcome> _body = Task.FromResult(BodyOutcome.Done);
    private volatile bool _answered;
    private volatile bool _clientBroke;

    public Exchange(BufferedWire client, Upstream upstream, BalancerOptions options, TimeProvider clock)
    {
        (_client, _upstream, _options, _clock) = (client, upstream, options, clock);
        _node = new BufferedWire(upstream.Wire);
        _bodies = new BodyLimits(options.TunnelBufferBytes, TimeSpan.FromSeconds(options.BodyIdleSeconds));
        _response = new Deadline(upstream.Wire, clock, aborts: true);
        _clientBody = new Deadline(client.Wire, clock);
        _clientSends = new Deadline(client.Wire, clock, aborts: true);
    }

    /// <summary>No byte of a response has come.</summary>
    public bool Unanswered { get; private set; } = true;

    /// <summary>The response has come whole, and the node will take another request.</summary>
    public bool Clean { get; private set; }

    /// <param name="head">The request's head as the node gets it.</param>
    public async Task<Handover> RunAsync(RequestHead request, ReadOnlyMemory<byte> head)
    {
        // A handshake is quick, or its node stands still: the client is better off elsewhere.
        _response.Set(TimeSpan.FromSeconds(request.IsWebSocket ? Math.Min(_options.HeadSeconds, _options.ResponseSeconds) : _options.ResponseSeconds));
        if (!await _upstream.Wire.SendAsync(head))
        {
            return Refusal.EarlyClose;
        }

        if (request.Framing.Kind != BodyKind.None)
        {
            // A long upload takes its time; each of its waits has a limit, and the answer's time begins behind it.
            _response.Clear();
        }

        var body = _body = SendBodyAsync(request);
        var handover = await RelayResponseAsync(request);
        if (!body.IsCompleted)
        {
            // Answered before the request was complete: neither connection is clean.
            AbortNode();
            _client.Wire.StopReceiving();
            await body;

            // Whoever closes it reads on for a moment, so that the answer is not reset by what still comes.
            _client.Wire.ReceiveAgain();
        }

        return await body switch
        {
            BodyOutcome.Done => _clientBroke ? Handover.Close : handover,
            BodyOutcome.Bad when handover.Refusal is not null => Refusal.BadChunk,
            BodyOutcome.SourceBroken when handover.Refusal is not null => _clientBody.Expired ? Refusal.SlowBody : Handover.Close,
            _ => handover with { KeepAlive = false },
        };
    }

    /// <summary>Gives the node's connection away. Nothing that began in this exchange touches it any more.</summary>
    /// <returns>False when it is not ours to give: it was aborted, or is about to be.</returns>
    public bool TryRelease() => Clean && _response.TryRetire()
        && Interlocked.CompareExchange(ref _nodeWire, NodeWire.Released, NodeWire.Ours) == NodeWire.Ours;

    public void Dispose()
    {
        _response.Dispose();
        _clientBody.Dispose();
        _clientSends.Dispose();
        _node.Dispose();
        if (_nodeWire != NodeWire.Released)
        {
            _upstream.Wire.Dispose();
        }
    }

    private async Task<BodyOutcome> SendBodyAsync(RequestHead request)
    {
        var pump = new BodyPump(_client, _clientBody, _upstream.Wire, _response, _bodies);
        var outcome = await pump.RunAsync(request.Framing);
        if (outcome is BodyOutcome.Bad or BodyOutcome.SourceBroken)
        {
            // The node must not take a cut body for a whole one.
            AbortNode();
        }
        else if (outcome == BodyOutcome.Done && !request.IsWebSocket)
        {
            if (!_answered)
            {
                _response.Set(TimeSpan.FromSeconds(_options.ResponseSeconds));
                if (_answered)
                {
                    _response.Clear();
                }
            }

            _client.Watch(_options.HeadBytesMax, broken: BreakWithClient);
        }

        return outcome;
    }

    private async Task<Handover> RelayResponseAsync(RequestHead request)
    {
        while (true)
        {
            var (response, refusal) = await ReadHeadAsync(request.IsHead);
            if (response is null)
            {
                return refusal!;
            }

            if (response.Status == 101 && !(request.IsWebSocket && response.IsWebSocket))
            {
                return Refusal.BadResponse;
            }

            if (!response.IsInterim)
            {
                _answered = true;
                _response.Clear();
                return response.Status == 101 ? await OpenTunnelAsync(response) : await RelayFinalAsync(request, response);
            }

            if (request.IsHttp11 && !await SendAsync(ForwardedHead.Response(response, keepAlive: true)))
            {
                return Handover.Close;
            }
        }
    }

    private async Task<(ResponseHead? Response, Refusal? Refusal)> ReadHeadAsync(bool toHeadRequest)
    {
        var limits = new HeadLimits(_options.TunnelBufferBytes, _options.HeadFieldsMax);
        while (true)
        {
            var length = ResponseHeadParser.Parse(_node.Buffered.Span, limits, toHeadRequest, out var response);
            if (length != 0)
            {
                _node.Consume(Math.Max(0, length));
                return length > 0 ? (response, null) : (null, Refusal.BadResponse);
            }

            if (await _node.FillAsync(_options.TunnelBufferBytes) <= 0)
            {
                return (null, _response.Expired ? Refusal.SlowResponse : Refusal.EarlyClose);
            }

            Unanswered = false;
        }
    }

    private async Task<Handover> RelayFinalAsync(RequestHead request, ResponseHead response)
    {
        var keepAlive = request.KeepAlive && response.Framing.Kind != BodyKind.UntilClose && _body.IsCompleted;
        if (!await SendAsync(ForwardedHead.Response(response, keepAlive)))
        {
            return Handover.Close;
        }

        var pump = new BodyPump(_node, source: null, _client.Wire, _clientSends, _bodies);
        var outcome = await pump.RunAsync(response.Framing);
        if (outcome != BodyOutcome.Done)
        {
            // Half a response must not look like a whole one.
            _client.Wire.Abort();
        }

        Clean = response.KeepAlive && outcome == BodyOutcome.Done && _node.Buffered.IsEmpty;
        return new Handover(keepAlive && outcome == BodyOutcome.Done);
    }

    private async Task<Handover> OpenTunnelAsync(ResponseHead response)
    {
        if (!await SendAsync(ForwardedHead.Response(response, keepAlive: true))
            || !await FlushAsync(_node, _client.Wire)
            || !await FlushAsync(_client, _upstream.Wire))
        {
            return Handover.Close;
        }

        _nodeWire = NodeWire.Released;
        var tunnel = new Tunnel(
            _client.Wire, _upstream.Wire, _upstream.Destination, _options.TunnelBufferBytes, _clock.GetTimestamp());
        return new Handover(false, tunnel);
    }

    /// <summary>Nobody waits for the response any more. May come at any time, also when all is over.</summary>
    private void BreakWithClient()
    {
        _clientBroke = true;
        AbortNode();
    }

    private void AbortNode()
    {
        if (Interlocked.CompareExchange(ref _nodeWire, NodeWire.Aborted, NodeWire.Ours) == NodeWire.Ours)
        {
            _upstream.Wire.Abort();
        }
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> head)
    {
        _clientSends.Set(_bodies.Idle);
        var sent = await _client.Wire.SendAsync(head);
        _clientSends.Clear();
        return sent;
    }

    /// <summary>What came right behind the head belongs to the tunnel.</summary>
    private static async ValueTask<bool> FlushAsync(BufferedWire from, Wire to)
    {
        var sent = from.Buffered.IsEmpty || await to.SendAsync(from.Buffered);
        from.Consume(from.Buffered.Length);
        return sent;
    }

    private enum NodeWire
    {
        Ours,
        Aborted,
        Released,
    }
}
