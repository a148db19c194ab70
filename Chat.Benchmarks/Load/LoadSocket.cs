using System.Net;
using System.Net.Sockets;

namespace Chat.Benchmarks.Load;

/// <summary>What happens on a <see cref="LoadSocket"/>. Called on the thread of its reactor.</summary>
internal interface ILoadSocketOwner
{
    /// <param name="head">Of the answer to the upgrade, whatever its status.</param>
    void Answered(ReadOnlySpan<byte> head);

    void TextCame(ReadOnlySpan<byte> text);

    /// <param name="code">The close frame's; 1006 when it went without a word.</param>
    void Ended(int code);
}

/// <summary>One WebSocket of a load. Everything happens on the thread of its <see cref="Reactor"/>.</summary>
internal sealed class LoadSocket : IDisposable
{
    private const int WithoutAWord = 1006;
    private const int WithoutACode = 1005;

    private readonly Reactor _reactor;
    private readonly ILoadSocketOwner _owner;
    private readonly Socket _socket;
    private byte[] _rest = [];
    private bool _answered;
    private bool _over;

    /// <param name="receiveBytes">Size of its receive buffer; null for what the system gives.</param>
    /// <exception cref="SocketException">Nobody listens.</exception>
    public LoadSocket(Reactor reactor, int port, ILoadSocketOwner owner, int? receiveBytes = null)
    {
        (_reactor, _owner) = (reactor, owner);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBytes is { } bytes)
        {
            _socket.ReceiveBufferSize = bytes;
        }

        try
        {
            _socket.Connect(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }

        _socket.Blocking = false;
        _reactor.Add(_socket, Read);
    }

    /// <returns>False when the kernel does not take it: a few hundred bytes now and then, so the server is gone.</returns>
    public bool SendText(ReadOnlySpan<byte> payload) => SendRaw(WebSocketFraming.ClientText(payload));

    /// <inheritdoc cref="SendText"/>
    public bool SendRaw(ReadOnlySpan<byte> bytes)
    {
        _socket.Send(bytes, SocketFlags.None, out var error);
        return error == SocketError.Success;
    }

    public void SendClose(int code) => SendRaw(WebSocketFraming.ClientClose(code));

    /// <summary>Reads nothing more, or goes on.</summary>
    public void Pause() => _reactor.Remove(_socket);

    public void Continue() => _reactor.Add(_socket, Read);

    /// <summary>Its owner hears nothing more of it.</summary>
    public void Dispose()
    {
        if (!_over)
        {
            _over = true;
            _reactor.Remove(_socket);
        }

        _socket.Dispose();
    }

    private void Read(byte[] buffer)
    {
        if (_rest.Length > buffer.Length / 2)
        {
            // A frame that the common buffer does not hold: the answer to a long resume.
            buffer = new byte[2 * _rest.Length];
        }

        _rest.CopyTo(buffer, 0);
        var read = _socket.Receive(buffer.AsSpan(_rest.Length), SocketFlags.None, out var error);
        if (read == 0)
        {
            if (error != SocketError.WouldBlock)
            {
                End(WithoutAWord);
            }

            return;
        }

        ReadOnlySpan<byte> left = buffer.AsSpan(0, _rest.Length + read);
        if (!_answered)
        {
            var end = left.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                _rest = left.ToArray();
                return;
            }

            _answered = true;
            _owner.Answered(left[..end]);
            left = left[(end + 4)..];
        }

        while (!_over && WebSocketFraming.TryReadServerFrame(ref left, out var opcode, out var payload))
        {
            Hear(opcode, payload);
        }

        _rest = left.Length == 0 || _over ? [] : left.ToArray();
    }

    private void Hear(int opcode, ReadOnlySpan<byte> payload)
    {
        if (opcode == WebSocketFraming.CloseOpcode)
        {
            var code = payload.Length >= 2 ? (payload[0] << 8) | payload[1] : WithoutACode;
            SendClose(code);
            End(code);
        }
        else if (opcode == WebSocketFraming.TextOpcode)
        {
            _owner.TextCame(payload);
        }
    }

    private void End(int code)
    {
        _over = true;
        _reactor.Remove(_socket);
        _owner.Ended(code);
    }
}
