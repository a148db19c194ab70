using System.Buffers.Binary;

namespace Chat.Benchmarks.Load;

/// <summary>As much of RFC 6455 as the benchmarks need: whole frames, masks of zero.</summary>
internal static class WebSocketFraming
{
    public const byte TextOpcode = 0x1;
    public const byte CloseOpcode = 0x8;

    private const int MaskBytes = 4;

    /// <summary>A client's frame. Its mask is zero, which is a mask: the server has to undo it all the same.</summary>
    public static byte[] ClientText(ReadOnlySpan<byte> payload) => Build(0x80 | TextOpcode, payload, masked: true);

    public static byte[] ClientClose(int code)
    {
        Span<byte> payload = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        return Build(0x80 | CloseOpcode, payload, masked: true);
    }

    public static byte[] ServerText(ReadOnlySpan<byte> payload) => Build(0x80 | TextOpcode, payload, masked: false);

    /// <param name="bytes">Cut behind the frame.</param>
    /// <returns>False when the rest of the frame has not come.</returns>
    public static bool TryReadServerFrame(ref ReadOnlySpan<byte> bytes, out int opcode, out ReadOnlySpan<byte> payload) =>
        TryRead(ref bytes, out opcode, out payload, maskBytes: 0);

    /// <inheritdoc cref="TryReadServerFrame"/>
    public static bool TryReadClientFrame(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload) =>
        TryRead(ref bytes, out _, out payload, MaskBytes);

    private static bool TryRead(ref ReadOnlySpan<byte> bytes, out int opcode, out ReadOnlySpan<byte> payload, int maskBytes)
    {
        opcode = 0;
        payload = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        var header = (bytes[1] & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < header)
        {
            return false;
        }

        var length = header switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            10 => (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => bytes[1] & 0x7F,
        };
        if (bytes.Length < header + maskBytes + length)
        {
            return false;
        }

        opcode = bytes[0] & 0xF;
        payload = bytes.Slice(header + maskBytes, length);
        bytes = bytes[(header + maskBytes + length)..];
        return true;
    }

    private static byte[] Build(int first, ReadOnlySpan<byte> payload, bool masked)
    {
        var mask = masked ? MaskBytes : 0;
        var header = payload.Length switch { <= 125 => 2, <= ushort.MaxValue => 4, _ => 10 };
        var frame = new byte[header + mask + payload.Length];
        frame[0] = (byte)first;
        frame[1] = (byte)((masked ? 0x80 : 0) | header switch { 2 => payload.Length, 4 => 126, _ => 127 });
        if (header == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }
        else if (header == 10)
        {
            BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)payload.Length);
        }

        payload.CopyTo(frame.AsSpan(header + mask));
        return frame;
    }
}
