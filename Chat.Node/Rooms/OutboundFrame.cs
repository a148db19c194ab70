using System.Buffers.Binary;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Node.Rooms;

/// <summary>One frame as it goes over the socket, WebSocket header included (RFC 6455, 5.2). Built once, shared by all who get it.</summary>
internal sealed class OutboundFrame
{
    private const byte Final = 0x80;
    private const byte TextOpcode = 0x1;
    private const byte CloseOpcode = 0x8;
    private const byte PongOpcode = 0xA;

    private OutboundFrame(byte[] bytes, DeliveryTimer? timer = null) => (Bytes, Timer) = (bytes, timer);

    /// <summary>Nobody may change them.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Wants to know when it is this frame's turn on a socket; null when nobody does.</summary>
    public DeliveryTimer? Timer { get; }

    public static OutboundFrame Text(ServerFrame frame) => Text(FrameCodec.Encode(frame));

    public static OutboundFrame Text(ReadOnlySpan<byte> json, DeliveryTimer? timer = null) => new(Encode(TextOpcode, json), timer);

    /// <summary>Several, one behind the other: one write instead of many.</summary>
    public static OutboundFrame Texts(IReadOnlyCollection<ServerFrame> frames) =>
        new([.. frames.SelectMany(frame => Encode(TextOpcode, FrameCodec.Encode(frame)))]);

    /// <param name="payload">That of the ping, at most 125 bytes.</param>
    public static OutboundFrame Pong(ReadOnlySpan<byte> payload) => new(Encode(PongOpcode, payload));

    /// <param name="reason">ASCII, at most 123 characters.</param>
    public static OutboundFrame Close(int code, string reason)
    {
        Span<byte> payload = stackalloc byte[2 + reason.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        System.Text.Encoding.ASCII.GetBytes(reason, payload[2..]);
        return new OutboundFrame(Encode(CloseOpcode, payload));
    }

    private static byte[] Encode(byte opcode, ReadOnlySpan<byte> payload)
    {
        var header = payload.Length switch { <= 125 => 2, <= ushort.MaxValue => 4, _ => 10 };
        var bytes = new byte[header + payload.Length];
        bytes[0] = (byte)(Final | opcode);
        switch (header)
        {
            case 2:
                bytes[1] = (byte)payload.Length;
                break;
            case 4:
                bytes[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)payload.Length);
                break;
            default:
                bytes[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(2), (ulong)payload.Length);
                break;
        }

        payload.CopyTo(bytes.AsSpan(header));
        return bytes;
    }
}
