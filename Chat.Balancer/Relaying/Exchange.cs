using Chat.Balancer.Heads;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>
/// One request and its response over one connection to one node, on one loop. Its states, and what leads from one to the next:
/// <code>
/// Asking ──a byte of the response──► Hearing ──its final head──► Answering ──its last byte──► Whole ──TryRelease──► Given
///                                       └─────────101────────────────────────────────────────────────────────────────┘
/// any but Given ──this side has had enough──► Cut        any but Given ──the client reset its connection──► Deserted
/// </code>
/// The node's connection is this exchange's until it is Given, to the next request or to a tunnel.
/// </summary>
internal sealed class Exchange : IDisposable
{
    private readonly BufferedWire _client;
    private readonly Upstream _upstream;
    private readonly BalancerOptions _options;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _bodyIdle;
    private readonly BufferedWire _node;

    /// <summary>Bounds the waits for the node; when it is over the node's connection is reset.</summary>
    private readonly Deadline _nodeTime;

    /// <summary>Bounds the waits for more of an answer that has begun; when it is over the node's connection is reset.</summary>
    private readonly Deadline _answerTime;

    /// <summary>Bounds what is left of an answer when its client sends nothing more; when it is over the node's connection is reset.</summary>
    private readonly Deadline _partingTime;

    /// <summary>Bounds the waits for bytes of the client's; it ends the receiving, so that the client can still be told.</summary>
    private readonly Deadline _clientReadTime;

    /// <summary>Bounds the waits for a client that does not take its response; when it is over the client's connection is reset.</summary>
    private readonly Deadline _clientWriteTime;
    private State _state = State.Asking;

    public Exchange(BufferedWire client, Upstream upstream, BalancerOptions options, TimeProvider clock)
    {
        (_client, _upstream, _options, _clock) = (client, upstream, options, clock);
        _node = new BufferedWire(upstream.Wire);
        _bodyIdle = TimeSpan.FromSeconds(options.BodyIdleSeconds);
        _nodeTime = upstream.Wire.DeadlineFor(aborts: true);
        _answerTime = upstream.Wire.DeadlineFor(aborts: true);
        _partingTime = upstream.Wire.DeadlineFor(aborts: true);
        _clientReadTime = client.Wire.DeadlineFor();
        _clientWriteTime = client.Wire.DeadlineFor(aborts: true);
    }

    private enum State
    {
        /// <summary>No byte of a response has come.</summary>
        Asking,

        /// <summary>Some of a response has come, its final head not yet.</summary>
        Hearing,

        /// <summary>The final head has come; its body goes to the client.</summary>
        Answering,

        /// <summary>The response has come whole, and the node will take another request.</summary>
        Whole,

        /// <summary>The node's connection is somebody else's.</summary>
        Given,

        /// <summary>This side has reset the node's connection.</summary>
        Cut,

        /// <summary>As <see cref="Cut"/>, because nobody waits for the response any more.</summary>
        Deserted,
    }

    /// <summary>No byte of a response has come.</summary>
    public bool Unanswered => _state == State.Asking;

    /// <summary>Of the final response; null while there is none.</summary>
    public int? Status { get; private set; }

    /// <summary>When its head had come, the clock's timestamp.</summary>
    public long AnsweredAt { get; private set; }

    /// <param name="head">The request's head as the node gets it.</param>
    /// <param name="mayRetry">An answer that says that the node failed is not passed on: the caller asks another.</param>
    public async Task<Handover> RunAsync(RequestHead request, ReadOnlyMemory<byte> head, bool mayRetry)
    {
        // A handshake is quick, or its node stands still: the client is better off elsewhere.
        _nodeTime.Set(TimeSpan.FromSeconds(request.IsWebSocket ? Math.Min(_options.HandshakeSeconds, _options.ResponseSeconds) : _options.ResponseSeconds));
        if (!await _upstream.Wire.SendAsync(head))
        {
            return Refusal.EarlyClose;
        }

        if (request.Framing.Kind != BodyKind.None)
        {
            // A long upload takes its time; each of its waits has a limit, and the answer's time begins behind it.
            _nodeTime.Clear();
        }

        var body = SendBodyAsync(request);
        var handover = await RelayResponseAsync(request, body, mayRetry);
        if (!body.IsCompleted)
        {
            // Answered before the request was complete: neither connection is clean.
            End(State.Cut);
            _client.Wire.StopReceiving();
            await body;

            // Whoever closes it reads on for a moment, so that the answer is not reset by what still comes.
            _client.Wire.ReceiveAgain();
        }

        return await body switch
        {
            BodyOutcome.Done => _state == State.Deserted ? Handover.Close : handover,
            BodyOutcome.Bad when handover.Refusal is not null => Refusal.BadChunk,
            BodyOutcome.SourceBroken when handover.Refusal is not null => _clientReadTime.Expired ? Refusal.SlowBody : Handover.Close,
            _ => handover with { KeepAlive = false },
        };
    }

    /// <summary>Gives the node's connection away. Nothing that began in this exchange touches it any more.</summary>
    /// <returns>False when it is of no use to another request.</returns>
    public bool TryRelease()
    {
        if (_state != State.Whole)
        {
            return false;
        }

        Give();
        return true;
    }

    public void Dispose()
    {
        _nodeTime.Dispose();
        _answerTime.Dispose();
        _partingTime.Dispose();
        _clientReadTime.Dispose();
        _clientWriteTime.Dispose();
        _node.Dispose();
        if (_state != State.Given)
        {
            _upstream.Dispose();
        }
    }

    private async Task<BodyOutcome> SendBodyAsync(RequestHead request)
    {
        var pump = new BodyPump(
            _client, _clientReadTime, _upstream.Wire, _nodeTime, new BodyLimits(_options.TunnelBufferBytes, _bodyIdle, _bodyIdle));
        var outcome = await pump.RunAsync(request.Framing);
        if (outcome is BodyOutcome.Bad or BodyOutcome.SourceBroken)
        {
            // The node must not take a cut body for a whole one.
            End(State.Cut);
        }
        else if (outcome == BodyOutcome.Done && !request.IsWebSocket)
        {
            if (_state is State.Asking or State.Hearing)
            {
                _nodeTime.Set(TimeSpan.FromSeconds(_options.ResponseSeconds));
            }

            _client.Watch(
                _options.HeadBytesMax,
                broken: () => End(State.Deserted),
                ended: Part);
        }

        return outcome;
    }

    private async Task<Handover> RelayResponseAsync(RequestHead request, Task<BodyOutcome> body, bool mayRetry)
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
                Move(State.Hearing, State.Answering);
                _nodeTime.Clear();
                (Status, AnsweredAt) = (response.Status, _clock.GetTimestamp());
                if (mayRetry && response.Status >= 500)
                {
                    return Refusal.NodeError;
                }

                return response.Status == 101 ? await OpenTunnelAsync(response) : await RelayFinalAsync(request, response, body);
            }

            if (request.IsHttp11 && !await SendAsync(ForwardedHead.Response(response, keepAlive: true)))
            {
                return Handover.Close;
            }
        }
    }

    private async Task<(ResponseHead? Response, Refusal? Refusal)> ReadHeadAsync(bool toHeadRequest)
    {
        var limits = HeadLimits.OfResponses(_options);
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
                return (null, _nodeTime.Expired || _partingTime.Expired ? Refusal.SlowResponse : Refusal.EarlyClose);
            }

            Move(State.Asking, State.Hearing);
        }
    }

    private async Task<Handover> RelayFinalAsync(RequestHead request, ResponseHead response, Task<BodyOutcome> body)
    {
        var keepAlive = request.KeepAlive && response.Framing.Kind != BodyKind.UntilClose && body.IsCompleted;
        if (!await SendAsync(ForwardedHead.Response(response, keepAlive)))
        {
            return Handover.Close;
        }

        var pump = new BodyPump(
            _node,
            response.IsEventStream ? null : _answerTime,
            _client.Wire,
            _clientWriteTime,
            new BodyLimits(_options.TunnelBufferBytes, TimeSpan.FromSeconds(_options.AnswerIdleSeconds), _bodyIdle));
        var outcome = await pump.RunAsync(response.Framing);
        if (outcome != BodyOutcome.Done)
        {
            // Half a response must not look like a whole one.
            _client.Wire.Abort();
        }
        else if (response.KeepAlive && _node.Buffered.IsEmpty)
        {
            Move(State.Answering, State.Whole);
        }

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

        Give();
        return new Handover(false, new Tunnel(_client, _upstream, _options.TunnelBufferBytes, _clock.GetTimestamp()));
    }

    /// <summary>Nobody sends another request here, but somebody may still wait for this one's answer.</summary>
    private void Part()
    {
        if (_state is not (State.Given or State.Cut or State.Deserted))
        {
            _partingTime.Set(TimeSpan.FromSeconds(_options.HalfClosedSeconds));
        }
    }

    private void Move(State from, State to)
    {
        if (_state == from)
        {
            _state = to;
        }
    }

    private void Give()
    {
        _nodeTime.Clear();
        _answerTime.Clear();
        _partingTime.Clear();
        _state = State.Given;
    }

    /// <summary>Of the node's connection, if it is still this exchange's. May come at any time, also when all is over.</summary>
    /// <param name="how">Cut or Deserted.</param>
    private void End(State how)
    {
        if (_state is not (State.Given or State.Cut or State.Deserted))
        {
            _state = how;
            _upstream.Wire.Abort();
        }
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> head)
    {
        _clientWriteTime.Set(_bodyIdle);
        var sent = await _client.Wire.SendAsync(head);
        _clientWriteTime.Clear();
        return sent;
    }

    /// <summary>What came right behind the head belongs to the tunnel.</summary>
    private static async ValueTask<bool> FlushAsync(BufferedWire from, Wire to)
    {
        var sent = from.Buffered.IsEmpty || await to.SendAsync(from.Buffered);
        from.Consume(from.Buffered.Length);
        return sent;
    }
}
