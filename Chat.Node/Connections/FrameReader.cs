using System.Buffers;
using System.Text.Unicode;

namespace Chat.Node.Connections;

internal enum IncomingKind
{
    Text,
    Ping,
    Pong,
    Close,

    /// <summary>The peer broke the protocol; the payload says how, in ASCII.</summary>
    Violation,

    /// <summary>The peer went away without a close frame.</summary>
    End,
}

/// <param name="Payload">Valid until the next read.</param>
internal readonly record struct Incoming(IncomingKind Kind, ReadOnlyMemory<byte> Payload);

/// <summary>
/// Reads what a client sends, one message at a time. Holds no buffer while nothing comes; never buffers more than one
/// message of the size allowed. One caller.
/// </summary>
internal sealed class FrameReader : IDisposable
{
    private const int FirstBufferBytes = 2048;

    private readonly IByteSource _input;
    private readonly int _messageBytesMax;
    private readonly int _fragmentsMax;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private byte[]? _fragments;
    private int _fragmentBytes;
    private int _fragmentCount;

    /// <param name="first">What came behind the handshake already.</param>
    public FrameReader(IByteSource input, int messageBytesMax, int fragmentsMax, ReadOnlySpan<byte> first = default)
    {
        (_input, _messageBytesMax, _fragmentsMax) = (input, messageBytesMax, fragmentsMax);
        if (!first.IsEmpty)
        {
            Reserve(first.Length);
            first.CopyTo(_buffer);
            _end = first.Length;
        }
    }

    public async ValueTask<Incoming> ReadAsync()
    {
        while (true)
        {
            if (WebSocketFrameHeader.TryParse(Available, out var header, out var violation))
            {
                if (header.PayloadBytes > _messageBytesMax - (header.IsControl ? 0 : _fragmentBytes))
                {
                    return Violation($"message over {_messageBytesMax} bytes");
                }

                var frameBytes = header.HeaderBytes + (int)header.PayloadBytes;
                if (Available.Length >= frameBytes)
                {
                    if (Take(header, frameBytes) is { } incoming)
                    {
                        return incoming;
                    }

                    continue;
                }

                Reserve(frameBytes);
            }
            else if (violation is not null)
            {
                return Violation(violation);
            }

            if (!await FillAsync())
            {
                return new Incoming(IncomingKind.End, default);
            }
        }
    }

    public void Dispose()
    {
        ReturnBuffer(ref _buffer);
        ReturnBuffer(ref _fragments);
    }

    private ReadOnlySpan<byte> Available => _buffer.AsSpan(_start, _end - _start);

    /// <returns>Null when the message goes on in another frame.</returns>
    private Incoming? Take(WebSocketFrameHeader header, int frameBytes)
    {
        var payload = _buffer.AsMemory(_start + header.HeaderBytes, (int)header.PayloadBytes);
        Masking.Apply(payload.Span, header.Mask);
        _start += frameBytes;
        switch (header.Opcode)
        {
            case Opcode.Ping:
                return new Incoming(IncomingKind.Ping, payload);
            case Opcode.Pong:
                return new Incoming(IncomingKind.Pong, payload);
            case Opcode.Close:
                return new Incoming(IncomingKind.Close, payload);
            case Opcode.Binary:
                return Violation("binary frame");
            case Opcode.Text when _fragments is not null:
                return Violation("new message inside a fragmented one");
            case Opcode.Continuation when _fragments is null:
                return Violation("continuation of nothing");
            case Opcode.Text when header.Final:
                return Text(payload);
            default:
                return AddFragment(payload.Span, header.Final);
        }
    }

    private Incoming? AddFragment(ReadOnlySpan<byte> payload, bool final)
    {
        _fragments ??= ArrayPool<byte>.Shared.Rent(_messageBytesMax);
        if (++_fragmentCount > _fragmentsMax)
        {
            return Violation($"message in over {_fragmentsMax} frames");
        }

        payload.CopyTo(_fragments.AsSpan(_fragmentBytes));
        _fragmentBytes += payload.Length;
        if (!final)
        {
            return null;
        }

        // Handed out as a copy, so that the buffer of a fragmented message is held only while it comes in.
        var whole = _fragments.AsSpan(0, _fragmentBytes).ToArray();
        (_fragmentBytes, _fragmentCount) = (0, 0);
        ReturnBuffer(ref _fragments);
        return Text(whole);
    }

    private static Incoming Text(ReadOnlyMemory<byte> payload) =>
        Utf8.IsValid(payload.Span) ? new Incoming(IncomingKind.Text, payload) : Violation("text is not UTF-8");

    private static Incoming Violation(string reason) =>
        new(IncomingKind.Violation, System.Text.Encoding.ASCII.GetBytes(reason));

    private async ValueTask<bool> FillAsync()
    {
        if (_start == _end)
        {
            // Waits for data without a buffer: an idle connection holds none.
            ReturnBuffer(ref _buffer);
            (_start, _end) = (0, 0);
            await _input.ReadableAsync();
        }

        Reserve(WebSocketFrameHeader.BytesMax);
        var read = await _input.ReceiveAsync(_buffer.AsMemory(_end));
        _end += read;
        return read > 0;
    }

    /// <summary>Makes room for a frame of this length, from the start of what is there.</summary>
    private void Reserve(int frameBytes)
    {
        if (_buffer is not null && _buffer.Length - _start >= frameBytes)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBufferBytes, frameBytes));
        Available.CopyTo(larger);
        (_start, _end) = (0, _end - _start);
        ReturnBuffer(ref _buffer);
        _buffer = larger;
    }

    private static void ReturnBuffer(ref byte[]? buffer)
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }
}
