using System.Buffers.Binary;

namespace Chat.Benchmarks.FanOut;

/// <summary>What the benchmark says to a fan-out server over the first connection. All others are members.</summary>
internal static class FanOutProtocol
{
    /// <summary>As long as a message of a hundred bytes with its WebSocket header and a little around it.</summary>
    public const int FrameBytes = 110;

    public const int AnswerBytes = 16;

    /// <summary>A frame with this first byte is no publication: it asks for <see cref="Answer"/>.</summary>
    public const byte Question = 0xFF;

    /// <summary>Members so far, and bytes the process has allocated in all.</summary>
    public static byte[] Answer(int members)
    {
        var answer = new byte[AnswerBytes];
        BinaryPrimitives.WriteInt64LittleEndian(answer, members);
        BinaryPrimitives.WriteInt64LittleEndian(answer.AsSpan(8), GC.GetTotalAllocatedBytes(precise: true));
        return answer;
    }

    public static (long Members, long AllocatedBytes) Read(ReadOnlySpan<byte> answer) =>
        (BinaryPrimitives.ReadInt64LittleEndian(answer), BinaryPrimitives.ReadInt64LittleEndian(answer[8..]));

    /// <summary>Different each time, in each byte, so that none is taken for another's.</summary>
    public static void Fill(Span<byte> frame, int number)
    {
        for (var i = 0; i < frame.Length; i++)
        {
            frame[i] = (byte)((number * 31) + (i * 7));
        }

        frame[0] = (byte)(number % Question);
    }
}
