using System.Net.Sockets;

namespace Chat.Benchmarks.Load;

/// <summary>
/// A client that comes back, as Chat.Client and the web page do: full jitter after the cap of the backoff, a drain spread over its
/// window, and a join from the last position. It checks that offsets follow one another.
/// </summary>
internal sealed class ReturningClient(ReturningCrowd crowd, string user, string room) : ILoadSocketOwner, IDisposable
{
    private const int GoingAway = 1001;
    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(10);

    private LoadSocket? _socket;
    private LogPlace? _last;
    private int _failures;

    public string Room => room;

    /// <summary>Where it is, by the node's hello; null while it is nowhere.</summary>
    public string? Node { get; private set; }

    /// <summary>It has said hello and is in its room.</summary>
    public bool IsReady { get; private set; }

    /// <summary>It has not lost its connection since it was last set.</summary>
    public bool Stayed { get; set; }

    public void Connect()
    {
        if (crowd.IsOver)
        {
            return;
        }

        try
        {
            _socket = new LoadSocket(crowd.Reactor, crowd.Port, this);
            _socket.SendRaw(crowd.Dialect.Request(user, room));
        }
        catch (SocketException)
        {
            ComeBack();
        }
    }

    /// <returns>Whether the node may have it.</returns>
    public bool Send(ReadOnlySpan<byte> payload) => _socket?.SendText(payload) ?? false;

    public void Answered(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 101"u8))
        {
            crowd.RefusedCount++;
            ComeBack();
        }
    }

    public void TextCame(ReadOnlySpan<byte> text)
    {
        switch (crowd.Dialect.Classify(text))
        {
            case Heard.Hello:
                Node = LogPlace.TextField(text, "\"node\":\""u8);
                crowd.SaidHello();
                Send(_last is { } last ? ChatDialect.Resume(room, last.Epoch, last.Offset) : crowd.Dialect.Opening(room)[0]);
                break;
            case Heard.Ready:
                Joined(text);
                break;
            case Heard.Message:
                MessageCame(text);
                break;
            case Heard.Ping:
                Send(crowd.Dialect.Pong);
                break;
            case Heard.Drain:
                var leaving = _socket;
                crowd.Reactor.After(LogPlace.DrainWindow(text) * Random.Shared.NextDouble(), () => Leave(leaving!));
                break;
            case Heard.Refusal:
                crowd.Refused(text);
                break;
        }
    }

    public void Ended(int code)
    {
        crowd.Closed();
        ComeBack();
    }

    public void Dispose() => _socket?.Dispose();

    private void Joined(ReadOnlySpan<byte> text)
    {
        if (_last is not null && text.IndexOf("\"recovered\":true"u8) < 0)
        {
            crowd.NotRecoveredCount++;
        }

        _last = LogPlace.Read(text);
        crowd.ReadyCount += IsReady ? 0 : 1;
        IsReady = true;
    }

    private void MessageCame(ReadOnlySpan<byte> text)
    {
        var place = LogPlace.Read(text, _last?.Epoch);
        if (_last is { } last && (place.Offset != last.Offset + 1 || place.Epoch != last.Epoch))
        {
            crowd.HoleCount++;
        }

        _last = place;
        crowd.Received(this, text);
    }

    /// <summary>It was asked to go, and its time has come.</summary>
    private void Leave(LoadSocket asked)
    {
        if (asked == _socket && Node is not null)
        {
            asked.SendClose(GoingAway);
            crowd.Closed();
            ComeBack();
        }
    }

    private void ComeBack()
    {
        _socket?.Dispose();
        crowd.ReadyCount -= IsReady ? 1 : 0;
        (_socket, Node, IsReady, Stayed) = (null, null, false, false);
        var ceiling = Math.Min(BackoffMax.Ticks, BackoffMin.Ticks * Math.Pow(2, _failures++));
        crowd.Reactor.After(TimeSpan.FromTicks((long)(ceiling * Random.Shared.NextDouble())), Connect);
    }
}
