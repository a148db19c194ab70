using System.Numerics;
using System.Runtime.InteropServices;

namespace Chat.Node.Connections;

/// <summary>Takes the client's mask off a payload, in place (RFC 6455, 5.3).</summary>
internal static class Masking
{
    /// <param name="mask">The four mask bytes in the order they came, read as little-endian.</param>
    public static void Apply(Span<byte> payload, uint mask)
    {
        if (!BitConverter.IsLittleEndian)
        {
            mask = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(mask);
        }

        var words = MemoryMarshal.Cast<byte, uint>(payload);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] ^= mask;
        }

        for (var i = words.Length * sizeof(uint); i < payload.Length; i++)
        {
            payload[i] ^= (byte)BitOperations.RotateRight(mask, 8 * (i % 4));
        }
    }
}
