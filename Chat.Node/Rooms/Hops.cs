using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Node.Rooms;

/// <summary>Where a message was and when, for those who asked to see it.</summary>
internal static class Hops
{
    /// <returns>The message's frame with its hops: one more encoding, paid only for members who trace.</returns>
    public static byte[] Add(Publication publication, string node, DateTimeOffset deliveredAt) =>
        FrameCodec.EncodeWithHops(
            publication.Frame.Span,
            [
                new Hop(publication.Origin.Node, "received", FrameCodec.FormatTime(publication.Origin.ReceivedAt)),
                new Hop("redis", "stored", FrameCodec.FormatTime(publication.StoredAt)),
                new Hop(node, "delivered", FrameCodec.FormatTime(deliveredAt)),
            ],
            publication.Origin.Traceparent);
}
