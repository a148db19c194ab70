using System.Globalization;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>What a person wrote in a room.</summary>
/// <param name="Epoch">The log it was written to. After a change of epoch older messages keep theirs, and count at their offset.</param>
/// <param name="Offset">Its place in the room's log; 0 where the delivery strategy numbers nothing.</param>
/// <param name="Id">The author's, unique per author.</param>
/// <param name="SentAt">By the clock of the node that took it: for display. Order is the offset's.</param>
/// <param name="Node">The node at which it entered.</param>
public sealed record ChatMessage(
    string Room, string Epoch, long Offset, string Id, string Author, string Text, DateTimeOffset SentAt, string Node)
{
    /// <summary>Where it was received, stored and delivered; null unless asked for by <see cref="ChatClientOptions.Trace"/>.</summary>
    public IReadOnlyList<Hop>? Hops { get; init; }

    internal static ChatMessage From(MessageFrame frame) => new(
        frame.Room,
        frame.Epoch,
        frame.Offset,
        frame.Id,
        frame.Author,
        frame.Text,
        DateTimeOffset.TryParse(frame.SentAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var sentAt) ? sentAt : default,
        frame.Node)
    {
        Hops = frame.Hops,
    };

    internal MessageFrame ToFrame() => new(Room, Epoch, Offset, Id, Author, Text, FrameCodec.FormatTime(SentAt), Node, Hops);
}
