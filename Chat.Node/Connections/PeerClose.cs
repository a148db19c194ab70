using System.Buffers.Binary;

namespace Chat.Node.Connections;

/// <summary>What code to answer a peer's close frame with (RFC 6455, 7.4).</summary>
internal static class PeerClose
{
    private const int NoStatus = 1000;
    private const int ProtocolError = 1002;

    public static int Code(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == 0)
        {
            return NoStatus;
        }

        if (payload.Length == 1)
        {
            return ProtocolError;
        }

        int code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        return code is (>= 1000 and <= 1003) or (>= 1007 and <= 1011) or (>= 3000 and <= 4999) ? code : ProtocolError;
    }
}
