using Chat.Balancer.Heads;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>Moves one body from a wire to another, exactly to its end, and bounds how long either side may stand still.</summary>
/// <param name="source">Set while waiting for bytes; null when the source may take its time, as a stream of events does.</param>
/// <param name="sink">Set while the other side does not take bytes.</param>
internal sealed class BodyPump(BufferedWire from, Deadline? source, Wire to, Deadline sink, BodyLimits limits)
{
    private const int ChunkLineBytesMax = 8 * 1024;

    public async ValueTask<BodyOutcome> RunAsync(BodyFraming framing)
    {
        var chunks = framing.Kind == BodyKind.Chunked ? new ChunkScanner(ChunkLineBytesMax) : null;
        var left = framing.Kind switch { BodyKind.None => 0, BodyKind.Length => framing.Length, _ => long.MaxValue };
        while (left > 0 && chunks is not { Done: true })
        {
            if (from.Buffered.IsEmpty && await FillAsync() is var received and <= 0)
            {
                return received == 0 && framing.Kind == BodyKind.UntilClose ? BodyOutcome.Done : BodyOutcome.SourceBroken;
            }

            var part = from.Buffered[..(int)Math.Min(left, from.Buffered.Length)];
            part = chunks is null ? part : part[..chunks.Scan(part.Span)];
            if (chunks is { Bad: true })
            {
                return BodyOutcome.Bad;
            }

            if (!await SendAsync(part))
            {
                return BodyOutcome.SinkBroken;
            }

            left -= part.Length;
            from.Consume(part.Length);
        }

        return BodyOutcome.Done;
    }

    private async ValueTask<int> FillAsync()
    {
        source?.Set(limits.SourceIdle);
        var received = await from.FillAsync(limits.BufferBytes);
        source?.Clear();
        return received;
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> part)
    {
        var sending = to.SendAsync(part);
        if (sending.IsCompleted)
        {
            return await sending;
        }

        sink.Set(limits.SinkIdle);
        var sent = await sending;
        sink.Clear();
        return sent;
    }
}

/// <param name="SourceIdle">How long its bytes may be in coming.</param>
/// <param name="SinkIdle">How long they may not be taken.</param>
internal readonly record struct BodyLimits(int BufferBytes, TimeSpan SourceIdle, TimeSpan SinkIdle);

internal enum BodyOutcome
{
    Done,
    SourceBroken,
    SinkBroken,

    /// <summary>The source's chunks are malformed.</summary>
    Bad,
}
