using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>One request and its response over one connection to one node.</summary>
internal sealed class Exchange(BufferedWire client, Upstream upstream, BalancerOptions options, TimeProvider clock) : IDisposable
{
    private readonly BufferedWire _node = new(upstream.Wire);
    private readonly Deadline _nodeDeadline = new(upstream.Wire, clock, aborts: true);
    private readonly Deadline _clientDeadline = new(client.Wire, clock, aborts: true);
    private readonly TimeSpan _bodyIdle = TimeSpan.FromSeconds(options.BodyIdleSeconds);
    private bool _tunnelled;

    public Destination Destination => upstream.Destination;

    /// <param name="head">The request's head as the node gets it.</param>
    public async Task<Handover> RunAsync(RequestHead request, ReadOnlyMemory<byte> head)
    {
        if (!await upstream.Wire.SendAsync(head))
        {
            return Refusal.EarlyClose;
        }

        var body = SendBodyAsync(request);
        _nodeDeadline.Set(TimeSpan.FromSeconds(options.ResponseSeconds));
        var handover = await RelayResponseAsync(request);
        if (!body.IsCompleted)
        {
            // Answered before the request was complete: neither connection is clean.
            upstream.Wire.Abort();
            client.Wire.StopReceiving();
        }

        var sent = await body;
        return sent switch
        {
            BodyOutcome.Done => handover,
            BodyOutcome.Bad when handover.Refusal is not null => Refusal.BadChunk,
            BodyOutcome.SourceBroken when handover.Refusal is not null => Handover.Close,
            _ => handover with { KeepAlive = false },
        };
    }

    public void Dispose()
    {
        _nodeDeadline.Dispose();
        _clientDeadline.Dispose();
        _node.Dispose();
        if (!_tunnelled)
        {
            upstream.Wire.Dispose();
        }
    }

    private async Task<BodyOutcome> SendBodyAsync(RequestHead request)
    {
        if (request.Framing.Kind == BodyKind.None)
        {
            return BodyOutcome.Done;
        }

        var pump = new BodyPump(client, upstream.Wire, options.TunnelBufferBytes);
        var outcome = await pump.RunAsync(request.Framing, () => _nodeDeadline.Set(TimeSpan.FromSeconds(options.ResponseSeconds)));
        if (outcome is BodyOutcome.Bad or BodyOutcome.SourceBroken)
        {
            // The node must not take a cut body for a whole one.
            upstream.Wire.Abort();
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

            if (response.IsInterim)
            {
                if (request.IsHttp11 && !await client.Wire.SendAsync(ForwardedHead.Response(response, keepAlive: true)))
                {
                    return Handover.Close;
                }

                continue;
            }

            return response.Status == 101 ? await OpenTunnelAsync(response) : await RelayFinalAsync(request, response);
        }
    }

    private async Task<(ResponseHead? Response, Refusal? Refusal)> ReadHeadAsync(bool toHeadRequest)
    {
        var limits = new HeadLimits(options.TunnelBufferBytes, options.HeadFieldsMax);
        while (true)
        {
            var length = ResponseHeadParser.Parse(_node.Buffered.Span, limits, toHeadRequest, out var response);
            if (length != 0)
            {
                _node.Consume(Math.Max(0, length));
                return length > 0 ? (response, null) : (null, Refusal.BadResponse);
            }

            if (await _node.FillAsync(options.TunnelBufferBytes) <= 0)
            {
                return (null, _nodeDeadline.Expired ? Refusal.SlowResponse : Refusal.EarlyClose);
            }
        }
    }

    private async Task<Handover> RelayFinalAsync(RequestHead request, ResponseHead response)
    {
        var keepAlive = request.KeepAlive && response.Framing.Kind != BodyKind.UntilClose;
        _nodeDeadline.Clear();
        _clientDeadline.Set(_bodyIdle);
        if (!await client.Wire.SendAsync(ForwardedHead.Response(response, keepAlive)))
        {
            return Handover.Close;
        }

        _clientDeadline.Clear();
        var pump = new BodyPump(_node, client.Wire, options.TunnelBufferBytes);
        var outcome = await pump.RunAsync(response.Framing, () => { });
        if (outcome != BodyOutcome.Done)
        {
            // Half a response must not look like a whole one.
            client.Wire.Abort();
        }

        return new Handover(keepAlive && outcome == BodyOutcome.Done);
    }

    private async Task<Handover> OpenTunnelAsync(ResponseHead response)
    {
        _nodeDeadline.Clear();
        if (!await client.Wire.SendAsync(ForwardedHead.Response(response, keepAlive: true))
            || !await FlushAsync(_node, client.Wire)
            || !await FlushAsync(client, upstream.Wire))
        {
            return Handover.Close;
        }

        _tunnelled = true;
        return new Handover(false, new Tunnel(client.Wire, upstream.Wire, upstream.Destination, options.TunnelBufferBytes));
    }

    /// <summary>What came right behind the head belongs to the tunnel.</summary>
    private static async ValueTask<bool> FlushAsync(BufferedWire from, Wire to)
    {
        var sent = from.Buffered.IsEmpty || await to.SendAsync(from.Buffered);
        from.Consume(from.Buffered.Length);
        return sent;
    }
}
