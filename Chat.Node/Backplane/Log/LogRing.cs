using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Node.Backplane.Log;

/// <summary>
/// The newest publications of a room up to the last that was delivered here: what nearly all who join ask for, so that the log is
/// not read for each of a thousand who come back at once. Not safe for several threads.
/// </summary>
internal sealed class LogRing(FeedMemory memory, NodeOptions options)
{
    private readonly Queue<Publication> _newest = [];
    private long _bytes;

    /// <param name="read">The newest messages of a log.</param>
    public void Restart(IReadOnlyList<Publication> read)
    {
        Clear();
        foreach (var publication in read)
        {
            Add(publication);
        }
    }

    /// <param name="publication">The next one.</param>
    public void Add(Publication publication)
    {
        if (!memory.TryTake(publication.Frame.Length))
        {
            // Others hold as much as may be held: this room's are read from the log until it is quieter.
            Clear();
            return;
        }

        _newest.Enqueue(publication);
        _bytes += publication.Frame.Length;
        if (_newest.Count > options.NewestMessages)
        {
            var oldest = _newest.Dequeue().Frame.Length;
            _bytes -= oldest;
            memory.Release(oldest);
        }
    }

    public void Clear()
    {
        _newest.Clear();
        memory.Release(_bytes);
        _bytes = 0;
    }

    /// <param name="top">What was delivered last.</param>
    /// <param name="now">Messages past their age are not shown any more.</param>
    /// <returns>Null when the log has to be read: it may have what is not here.</returns>
    public CatchUp? Read(Position top, Position? after, DateTimeOffset now)
    {
        if (!_newest.TryPeek(out var oldest) ? top.Offset > 0 : now - oldest.StoredAt >= options.LogAgeMax)
        {
            return null;
        }

        if (after is null)
        {
            return _newest.Count == options.NewestMessages || _newest.Count == top.Offset
                ? new CatchUp(top, Recovered: true, [.. _newest])
                : null;
        }

        var missing = top.Offset - after.Offset;
        if (after.Epoch != top.Epoch || missing < 0 || missing > _newest.Count)
        {
            return null;
        }

        var skipped = _newest.Count - (int)missing;
        return after.Id is null || (skipped > 0 && IsId(_newest.ElementAt(skipped - 1), after.Id))
            ? new CatchUp(top, Recovered: true, [.. _newest.Skip(skipped)])
            : null;
    }

    private static bool IsId(Publication publication, string id) =>
        FrameCodec.DecodeServer(publication.Frame.Span, out _) is MessageFrame message && message.Id == id;
}
