using System.Buffers.Binary;

namespace Chat.Node.Connections;

internal enum Opcode : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

/// <summary>The header of one frame from a client (RFC 6455, 5.2).</summary>
/// <param name="HeaderBytes">Length of the header itself: the payload starts behind it.</param>
internal readonly record struct WebSocketFrameHeader(
    bool Final, Opcode Opcode, int HeaderBytes, long PayloadBytes, uint Mask)
{
    /// <summary>The longest header a client can send.</summary>
    public const int BytesMax = 14;

    private const int ControlPayloadMax = 125;

    public bool IsControl => Opcode >= Opcode.Close;

    /// <param name="violation">What the client did wrong; null when it only has not sent the whole header yet.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out WebSocketFrameHeader header, out string? violation)
    {
        header = default;
        violation = null;
        if (bytes.Length < 2)
        {
            return false;
        }

        violation = FindViolation(bytes[0], bytes[1]);
        var length = bytes[1] & 0x7F;
        var lengthBytes = length switch { 126 => 2, 127 => 8, _ => 0 };
        var headerBytes = 2 + lengthBytes + 4;
        if (violation is not null || bytes.Length < headerBytes)
        {
            return false;
        }

        var payload = lengthBytes switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
            _ => length,
        };
        if (payload < 0 || (lengthBytes == 2 && payload < 126) || (lengthBytes == 8 && payload <= ushort.MaxValue))
        {
            violation = "length not in its shortest form";
            return false;
        }

        header = new WebSocketFrameHeader(
            (bytes[0] & 0x80) != 0,
            (Opcode)(bytes[0] & 0x0F),
            headerBytes,
            payload,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[(2 + lengthBytes)..]));
        return true;
    }

    private static string? FindViolation(byte first, byte second)
    {
        var opcode = (Opcode)(first & 0x0F);
        if ((first & 0x70) != 0)
        {
            return "reserved bit set";
        }

        if (!Enum.IsDefined(opcode))
        {
            return "unknown opcode";
        }

        if ((second & 0x80) == 0)
        {
            return "frame not masked";
        }

        var control = opcode >= Opcode.Close;
        return control && ((first & 0x80) == 0 || (second & 0x7F) > ControlPayloadMax) ? "bad control frame" : null;
    }
}
