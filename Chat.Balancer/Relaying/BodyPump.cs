using Chat.Balancer.Heads;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>Moves one body from a wire to another, exactly to its end.</summary>
internal sealed class BodyPump(BufferedWire from, Wire to, int bufferBytes)
{
    private const int ChunkLineBytesMax = 8 * 1024;

    /// <param name="progress">Called whenever bytes have moved.</param>
    public async ValueTask<BodyOutcome> RunAsync(BodyFraming framing, Action progress)
    {
        var chunks = framing.Kind == BodyKind.Chunked ? new ChunkScanner(ChunkLineBytesMax) : null;
        var left = framing.Kind switch { BodyKind.None => 0, BodyKind.Length => framing.Length, _ => long.MaxValue };
        while (left > 0 && chunks is not { Done: true })
        {
            if (from.Buffered.IsEmpty)
            {
                var received = await from.FillAsync(bufferBytes);
                if (received <= 0)
                {
                    return received == 0 && framing.Kind == BodyKind.UntilClose ? BodyOutcome.Done : BodyOutcome.SourceBroken;
                }
            }

            var part = from.Buffered[..(int)Math.Min(left, from.Buffered.Length)];
            part = chunks is null ? part : part[..chunks.Scan(part.Span)];
            if (chunks is { Bad: true })
            {
                return BodyOutcome.Bad;
            }

            if (!await to.SendAsync(part))
            {
                return BodyOutcome.SinkBroken;
            }

            left -= part.Length;
            from.Consume(part.Length);
            progress();
        }

        return BodyOutcome.Done;
    }
}

internal enum BodyOutcome
{
    Done,
    SourceBroken,
    SinkBroken,

    /// <summary>The source's chunks are malformed.</summary>
    Bad,
}
