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
        var listening = await Inner.ReadAfterAsync(room, read.Top, cancellationToken);
        return read with { Top = listening.Top };
    }
}
