using System.Buffers;
using System.Buffers.Text;

namespace Chat.Node.Backplane.Subscriptions;

internal enum PushKind
{
    /// <summary>A publication on a channel.</summary>
    Message,

    Subscribed,
    Unsubscribed,

    /// <summary>Anything else that was answered: nobody waits for it.</summary>
    Other,

    /// <summary>The server refused something: the payload says what.</summary>
    Error,
}

/// <param name="Channel">Empty where there is none.</param>
internal readonly record struct Push(PushKind Kind, ReadOnlySequence<byte> Channel, ReadOnlySequence<byte> Payload);

/// <summary>What a Redis server sends to a connection that subscribes (RESP2).</summary>
internal static class RespReader
{
    private const int ElementsMax = 8;

    /// <param name="bytes">Cut behind what was read.</param>
    /// <returns>False when the rest of it has not come yet.</returns>
    /// <exception cref="InvalidDataException">This is no Redis server.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> bytes, out Push push)
    {
        push = default;
        var reader = new SequenceReader<byte>(bytes);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return false;
        }

        var first = line.FirstSpan;
        if (first.Length == 0)
        {
            throw new InvalidDataException("An empty line where an answer should be.");
        }

        var read = first[0] switch
        {
            (byte)'*' => TryReadArray(ref reader, ReadNumber(line), out push),
            (byte)'$' => TryReadBulk(ref reader, ReadNumber(line), out _),
            (byte)'+' or (byte)':' => Give(new Push(PushKind.Other, default, line.Slice(1)), out push),
            (byte)'-' => Give(new Push(PushKind.Error, default, line.Slice(1)), out push),
            _ => throw new InvalidDataException("Not the protocol of Redis."),
        };
        if (!read)
        {
            return false;
        }

        if (first[0] == (byte)'$')
        {
            push = new Push(PushKind.Other, default, default);
        }

        bytes = bytes.Slice(reader.Position);
        return true;
    }

    private static bool Give(Push value, out Push push)
    {
        push = value;
        return true;
    }

    private static bool TryReadArray(ref SequenceReader<byte> reader, long count, out Push push)
    {
        push = default;
        if (count is < 0 or > ElementsMax)
        {
            throw new InvalidDataException($"An answer of {count} parts.");
        }

        ReadOnlySequence<byte> kind = default, channel = default, payload = default;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadElement(ref reader, out var element))
            {
                return false;
            }

            switch (i)
            {
                case 0:
                    kind = element;
                    break;
                case 1:
                    channel = element;
                    break;
                default:
                    payload = element;
                    break;
            }
        }

        push = new Push(KindOf(kind), channel, payload);
        return true;
    }

    private static bool TryReadElement(ref SequenceReader<byte> reader, out ReadOnlySequence<byte> element)
    {
        element = default;
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return false;
        }

        if (line.Length == 0)
        {
            throw new InvalidDataException("An empty line where a part should be.");
        }

        return line.FirstSpan[0] switch
        {
            (byte)'$' => TryReadBulk(ref reader, ReadNumber(line), out element),
            (byte)':' => true,
            _ => throw new InvalidDataException("A part of an unknown kind."),
        };
    }

    private static bool TryReadBulk(ref SequenceReader<byte> reader, long length, out ReadOnlySequence<byte> bulk)
    {
        bulk = default;
        if (length < 0)
        {
            return true;
        }

        if (reader.Remaining < length + 2)
        {
            return false;
        }

        bulk = reader.UnreadSequence.Slice(0, length);
        reader.Advance(length + 2);
        return true;
    }

    private static long ReadNumber(ReadOnlySequence<byte> line)
    {
        Span<byte> digits = stackalloc byte[20];
        if (line.Length is < 2 or > 20)
        {
            throw new InvalidDataException("A length that is none.");
        }

        line.Slice(1).CopyTo(digits);
        return Utf8Parser.TryParse(digits[..(int)(line.Length - 1)], out long number, out _)
            ? number
            : throw new InvalidDataException("A length that is no number.");
    }

    private static PushKind KindOf(ReadOnlySequence<byte> kind)
    {
        Span<byte> name = stackalloc byte[16];
        if (kind.Length > name.Length)
        {
            return PushKind.Other;
        }

        kind.CopyTo(name);
        return name[..(int)kind.Length] switch
        {
            var text when text.SequenceEqual("message"u8) => PushKind.Message,
            var text when text.SequenceEqual("subscribe"u8) => PushKind.Subscribed,
            var text when text.SequenceEqual("unsubscribe"u8) => PushKind.Unsubscribed,
            _ => PushKind.Other,
        };
    }
}
