using Chat.Node.Backplane;
using Chat.Protocol;

namespace Chat.Experiments.Ablations;

/// <summary>
/// Without <see cref="Protection.JoinBuffer"/>: a join that reads first and listens then. It takes for read what was written by the time it
/// listens, and has the messages of a read before that.
/// </summary>
internal sealed class ReadFirstLog(IBackplane log) : WrappedBackplane(log)
{
    public override async Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken)
    {
        var read = await Inner.ReadAfterAsync(room, after, cancellationToken);

        // A page comes from Redis itself: what a node answers from memory may be behind it, as what it listens to.
        var newest = await Inner.ReadBeforeAsync(room, long.MaxValue, 1, cancellationToken);
        return newest.Messages is [var written] && written.Position.Offset > read.Top.Offset
            ? read with { Top = read.Top with { Offset = written.Position.Offset } }
            : read;
    }
}
