using System.Text;
using Chat.Node.Connections;
using CsCheck;

namespace Chat.Tests.Connections;

public sealed class FrameReaderTests
{
    private const int MessageBytesMax = 4096;

    private static readonly byte[] Firsts = [0x00, 0x01, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A, 0xC1, 0x83];

    private static readonly Gen<Sent> Control = Gen.Select(Gen.OneOf(Gen.Const(IncomingKind.Ping), Gen.Const(IncomingKind.Pong)), Gen.Byte.Array[0, 125])
        .Select((kind, payload) => new Sent(kind, payload));

    private static readonly Gen<Sent> Text = Gen.OneOf(Gen.String[0, 20], Gen.String[100, 300], Gen.String[1000, 1300])
        .Select(text => new Sent(IncomingKind.Text, Encoding.UTF8.GetBytes(text)));

    /// <summary>What is sent, how each text is cut into frames, and how the bytes come in.</summary>
    private static readonly Gen<(Sent[] Messages, int[] Cuts, int[] Reads, uint Mask)> Streams =
        Gen.Select(Gen.OneOf(Text, Text, Control).Array[0, 12], Gen.Int[1, 400].Array[1, 8], Gen.Int[1, 3000].Array[1, 20], Gen.UInt);

    [Fact]
    public async Task However_messages_are_cut_into_frames_and_frames_into_reads_the_same_messages_come_out() =>
        await Streams.SampleAsync(async stream =>
        {
            var bytes = new List<byte>();
            var expected = new List<Sent>();
            foreach (var message in stream.Messages)
            {
                Encode(message, stream.Cuts, stream.Mask, bytes, expected);
            }

            var (messages, last) = await ReadAllAsync([.. bytes], stream.Reads);

            Assert.Equal(expected.Select(Show), messages.Select(Show));
            Assert.Equal(IncomingKind.End, last.Kind);
        });

    [Fact]
    public async Task Whatever_bytes_come_they_are_read_or_told_and_nothing_is_thrown() =>
        await Gen.Select(Gen.OneOf(Gen.Byte.Array[0, 400], Likely()), Gen.Int[1, 50].Array[1, 10]).SampleAsync(async (bytes, reads) =>
        {
            var (_, last) = await ReadAllAsync(bytes, reads);

            Assert.True(last.Kind is IncomingKind.End or IncomingKind.Close or IncomingKind.Violation);
            if (last.Kind == IncomingKind.Violation)
            {
                Assert.NotEmpty(last.Payload);
                Assert.All(last.Payload, letter => Assert.InRange(letter, (byte)' ', (byte)'~'));
            }
        });

    [Fact]
    public async Task No_message_is_longer_than_allowed_in_whatever_pieces_it_comes() =>
        await Gen.Select(Gen.Int[1, 2 * MessageBytesMax], Gen.Int[1, 2000].Array[1, 5]).SampleAsync(async (length, cuts) =>
        {
            var bytes = new List<byte>();
            Encode(new Sent(IncomingKind.Text, Encoding.ASCII.GetBytes(new string('x', length))), cuts, mask: 7, bytes, []);

            var (messages, last) = await ReadAllAsync([.. bytes], [1000]);

            Assert.Equal(length <= MessageBytesMax ? 1 : 0, messages.Count(message => message.Kind == IncomingKind.Text));
            Assert.Equal(length <= MessageBytesMax ? IncomingKind.End : IncomingKind.Violation, last.Kind);
        });

    /// <summary>Garbage that looks like frames: short, masked, mostly known opcodes.</summary>
    private static Gen<byte[]> Likely() =>
        Gen.Select(Gen.Int[0, Firsts.Length - 1].Select(index => Firsts[index]), Gen.Int[0, 20], Gen.Byte.Array[24], Gen.Bool)
            .Select((first, length, rest, masked) =>
                (byte[])[first, (byte)((masked ? 0x80 : 0) | length), .. rest.Take(4 + length)])
            .Array[0, 20].Select(frames => frames.SelectMany(frame => frame).ToArray());

    private static void Encode(Sent message, int[] cuts, uint mask, List<byte> bytes, List<Sent> expected)
    {
        if (message.Kind != IncomingKind.Text)
        {
            bytes.AddRange(Frame((byte)(message.Kind == IncomingKind.Ping ? 0x89 : 0x8A), message.Payload, mask));
            expected.Add(message);
            return;
        }

        var rest = message.Payload.AsMemory();
        for (var piece = 0; ; piece++)
        {
            var length = Math.Min(rest.Length, cuts[piece % cuts.Length]);
            var final = length == rest.Length;
            bytes.AddRange(Frame((byte)((final ? 0x80 : 0) | (piece == 0 ? 1 : 0)), rest[..length].Span, mask + (uint)piece));
            rest = rest[length..];
            if (final)
            {
                expected.Add(message);
                return;
            }

            // A control frame may stand between the pieces, and comes out before the whole.
            byte[] between = [(byte)piece];
            bytes.AddRange(Frame(0x89, between, mask));
            expected.Add(new Sent(IncomingKind.Ping, between));
        }
    }

    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload, uint mask)
    {
        byte[] key = [(byte)mask, (byte)(mask >> 8), (byte)(mask >> 16), (byte)(mask >> 24)];
        var masked = payload.ToArray();
        for (var i = 0; i < masked.Length; i++)
        {
            masked[i] ^= key[i % 4];
        }

        byte[] length = payload.Length switch
        {
            <= 125 => [(byte)(0x80 | payload.Length)],
            _ => [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length],
        };
        return [first, .. length, .. key, .. masked];
    }

    private static async Task<(List<Sent> Messages, Sent Last)> ReadAllAsync(byte[] bytes, int[] reads)
    {
        using var reader = new FrameReader(new Pieces(bytes, reads), MessageBytesMax, fragmentsMax: 1_000_000);
        var messages = new List<Sent>();
        while (true)
        {
            var incoming = await reader.ReadAsync();
            var read = new Sent(incoming.Kind, incoming.Payload.ToArray());
            if (read.Kind is IncomingKind.End or IncomingKind.Close or IncomingKind.Violation)
            {
                return (messages, read);
            }

            messages.Add(read);
        }
    }

    private static string Show(Sent message) => $"{message.Kind} {Convert.ToHexString(message.Payload)}";

    private sealed record Sent(IncomingKind Kind, byte[] Payload);

    /// <summary>Gives its bytes in pieces of these lengths, in turn.</summary>
    private sealed class Pieces(byte[] bytes, int[] lengths) : IByteSource
    {
        private int _reads;
        private int _read;

        public ValueTask ReadableAsync() => ValueTask.CompletedTask;

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
        {
            var length = Math.Min(Math.Min(buffer.Length, lengths[_reads++ % lengths.Length]), bytes.Length - _read);
            bytes.AsMemory(_read, length).CopyTo(buffer);
            _read += length;
            return ValueTask.FromResult(length);
        }
    }
}
