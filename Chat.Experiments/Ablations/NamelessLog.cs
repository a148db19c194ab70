using System.Text;
using Chat.Node.Backplane;
using Chat.Protocol;

namespace Chat.Experiments.Ablations;

/// <summary>
/// Without <see cref="Protection.Epoch"/>: all logs have one name, so nobody sees that a log is another one than before. What comes under
/// offsets that were shown is dropped, as if it were known; what a client asks for after a position is read from whatever log there is now.
/// </summary>
internal sealed class NamelessLog(IBackplane log) : WrappedBackplane(log)
{
    private const string OnlyEpoch = "0";

    public override async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var stored = await Inner.PublishAsync(message, cancellationToken);
        return stored with { Position = Nameless(stored.Position) };
    }

    public override async Task<IAsyncDisposable> SubscribeAsync(string room, RoomSubscriber subscriber, CancellationToken cancellationToken)
    {
        // Where the log stands before anything is delivered: what is shown from here on counts by its offset alone.
        var shown = (await Inner.ReadAfterAsync(room, after: null, cancellationToken)).Top.Offset;
        return await Inner.SubscribeAsync(room, new RoomSubscriber(Deliver, ReadOn), cancellationToken);

        void Deliver(Publication publication)
        {
            if (publication.Position.Offset > shown)
            {
                shown = publication.Position.Offset;
                subscriber.Deliver(Nameless(publication));
            }
        }

        void ReadOn(CatchUp newest)
        {
            foreach (var publication in newest.Messages)
            {
                Deliver(publication);
            }
        }
    }

    public override async Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken)
    {
        var read = await Inner.ReadAfterAsync(room, after: null, cancellationToken);
        if (after is not null && after.Offset >= read.Top.Offset)
        {
            // It has all that there is, and more.
            return new CatchUp(Nameless(read.Top), Recovered: true, []);
        }

        return Nameless(after is null ? read : await Inner.ReadAfterAsync(room, read.Top with { Offset = after.Offset }, cancellationToken));
    }

    public override async Task<HistoryPage> ReadBeforeAsync(string room, long before, int limit, CancellationToken cancellationToken)
    {
        var page = await Inner.ReadBeforeAsync(room, before, limit, cancellationToken);
        return page with { Messages = [.. page.Messages.Select(Nameless)] };
    }

    private static CatchUp Nameless(CatchUp read) =>
        read with { Top = Nameless(read.Top), Messages = [.. read.Messages.Select(Nameless)] };

    private static Position Nameless(Position position) => position with { Epoch = OnlyEpoch };

    /// <summary>Its frame names the log as well.</summary>
    private static Publication Nameless(Publication publication)
    {
        var named = Bytes(publication.Position.Epoch);
        var frame = publication.Frame.Span;
        var at = frame.IndexOf(named);
        return publication with
        {
            Position = Nameless(publication.Position),
            Frame = at < 0 ? publication.Frame : (byte[])[.. frame[..at], .. Bytes(OnlyEpoch), .. frame[(at + named.Length)..]],
        };
    }

    private static byte[] Bytes(string epoch) => [.. "\"epoch\":\""u8, .. Encoding.ASCII.GetBytes(epoch), .. MessageTemplate.BetweenEpochAndOffset];
}
