namespace Chat.Benchmarks.Load;

/// <summary>One client that stays where it is: that it ends is a fault. Everything happens on the thread of its <see cref="Reactor"/>.</summary>
internal sealed class Peer : ILoadSocketOwner, IDisposable
{
    private readonly Crowd _crowd;
    private readonly LoadSocket _socket;

    /// <param name="receiveBytes">Size of its receive buffer; null for what the system gives.</param>
    public Peer(Crowd crowd, int port, string user, Room? room, int? receiveBytes = null)
    {
        (_crowd, Room) = (crowd, room);
        _socket = new LoadSocket(crowd.Reactor, port, this, receiveBytes);
        Check(_socket.SendRaw(crowd.Dialect.Request(user, room?.Name)));
    }

    public Room? Room { get; }

    public bool IsReady { get; private set; }

    /// <summary>1006 when it went without a word; null while it is open.</summary>
    public int? Closed { get; private set; }

    /// <summary>Messages had since the window began, and the sum of their numbers: one that is lost or comes twice shows in one of them.</summary>
    public long Count { get; set; }

    public ulong Sum { get; set; }

    /// <summary>The last message's frame, where somebody wants to have it.</summary>
    public byte[]? Last { get; private set; }

    public bool KeepsLast { get; init; }

    public void Send(ReadOnlySpan<byte> payload) => Check(_socket.SendText(payload));

    /// <summary>Reads nothing more, or goes on.</summary>
    public void Pause() => _socket.Pause();

    public void Continue() => _socket.Continue();

    public void Dispose() => _socket.Dispose();

    public void Answered(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 101"u8))
        {
            throw new InvalidOperationException($"{_crowd.Name}: no WebSocket: {System.Text.Encoding.ASCII.GetString(head)}");
        }

        var opening = _crowd.Dialect.Opening(Room?.Name);
        foreach (var payload in opening)
        {
            Send(payload);
        }

        if (Room is null || opening.Count == 0)
        {
            BecomeReady();
        }
    }

    public void TextCame(ReadOnlySpan<byte> text)
    {
        switch (_crowd.Dialect.Classify(text))
        {
            case Heard.Message:
                Last = KeepsLast ? text.ToArray() : null;
                _crowd.Received(this, text);
                break;
            case Heard.Ready when KeepsLast && IsReady:
                // The answer to a resume: what was missed is in it.
                _crowd.Received(this, text);
                break;
            case Heard.Ready:
                BecomeReady();
                break;
            case Heard.Ping when _crowd.Dialect.Pong is { } pong:
                Send(pong);
                break;
            case Heard.Refusal:
                _crowd.Refused(text);
                break;
        }
    }

    public void Ended(int code)
    {
        Closed = code;
        _crowd.Ended(this);
    }

    private void Check(bool sent)
    {
        if (!sent)
        {
            throw new InvalidOperationException($"{_crowd.Name}: a client cannot send.");
        }
    }

    private void BecomeReady()
    {
        if (!IsReady)
        {
            IsReady = true;
            _crowd.ReadyCount++;
        }
    }
}
