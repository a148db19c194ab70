using System.Net;
using System.Net.Sockets;

namespace Chat.Benchmarks.Load;

/// <summary>One client's connection. Everything happens on the thread of its <see cref="Reactor"/>.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Crowd _crowd;
    private readonly Socket _socket;
    private byte[] _rest = [];
    private bool _upgraded;

    /// <param name="receiveBytes">Size of its receive buffer; null for what the system gives.</param>
    public Peer(Crowd crowd, int port, string user, Room? room, int? receiveBytes = null)
    {
        (_crowd, Room) = (crowd, room);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBytes is { } bytes)
        {
            _socket.ReceiveBufferSize = bytes;
        }

        _socket.Connect(IPAddress.Loopback, port);
        _socket.Blocking = false;
        Write(crowd.Dialect.Request(user, room?.Name));
        crowd.Reactor.Add(_socket, Read);
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

    public void Send(ReadOnlySpan<byte> payload) => Write(WebSocketFraming.ClientText(payload));

    /// <summary>Reads nothing more, or goes on.</summary>
    public void Pause() => _crowd.Reactor.Remove(_socket);

    public void Continue() => _crowd.Reactor.Add(_socket, Read);

    public void Dispose()
    {
        if (Closed is null)
        {
            _crowd.Reactor.Remove(_socket);
        }

        _socket.Dispose();
    }

    private void Write(byte[] frame)
    {
        // A few hundred bytes now and then: a client whose kernel does not take them has lost its server.
        _socket.Send(frame, SocketFlags.None, out var error);
        if (error != SocketError.Success)
        {
            throw new InvalidOperationException($"{_crowd.Name}: a client cannot send: {error}.");
        }
    }

    private void Read(byte[] buffer)
    {
        _rest.CopyTo(buffer, 0);
        var read = _socket.Receive(buffer.AsSpan(_rest.Length), SocketFlags.None, out var error);
        if (read == 0)
        {
            if (error != SocketError.WouldBlock)
            {
                End(1006);
            }

            return;
        }

        var bytes = buffer.AsSpan(0, _rest.Length + read);
        ReadOnlySpan<byte> left = bytes;
        if (!_upgraded)
        {
            var end = left.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                _rest = left.ToArray();
                return;
            }

            Upgrade(left[..end]);
            left = left[(end + 4)..];
        }

        while (Closed is null && WebSocketFraming.TryReadServerFrame(ref left, out var opcode, out var payload))
        {
            Hear(opcode, payload);
        }

        _rest = left.Length == 0 ? [] : left.ToArray();
    }

    private void Upgrade(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 101"u8))
        {
            throw new InvalidOperationException($"{_crowd.Name}: no WebSocket: {System.Text.Encoding.ASCII.GetString(head)}");
        }

        _upgraded = true;
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

    private void Hear(int opcode, ReadOnlySpan<byte> payload)
    {
        if (opcode == WebSocketFraming.CloseOpcode)
        {
            End(payload.Length >= 2 ? (payload[0] << 8) | payload[1] : 1005);
            return;
        }

        if (opcode != WebSocketFraming.TextOpcode)
        {
            return;
        }

        switch (_crowd.Dialect.Classify(payload))
        {
            case Heard.Message:
                Last = KeepsLast ? payload.ToArray() : null;
                _crowd.Received(this, payload);
                break;
            case Heard.Ready when KeepsLast && IsReady:
                // The answer to a resume: what was missed is in it.
                _crowd.Received(this, payload);
                break;
            case Heard.Ready:
                BecomeReady();
                break;
            case Heard.Ping when _crowd.Dialect.Pong is { } pong:
                Send(pong);
                break;
            case Heard.Refusal:
                _crowd.Refused(payload);
                break;
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

    private void End(int code)
    {
        Closed = code;
        _crowd.Reactor.Remove(_socket);
        if (code != 1006)
        {
            _socket.Send(WebSocketFraming.ClientClose(code), SocketFlags.None, out _);
        }

        _crowd.Ended(this);
    }
}
