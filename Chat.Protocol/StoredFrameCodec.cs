using System.Text.Json;
using System.Text.Json.Serialization;
using Chat.Protocol.Frames;

namespace Chat.Protocol;

/// <summary>What only nodes do with frames: messages stay bytes from the log to the socket. Called as members of <see cref="FrameCodec"/>.</summary>
public static class StoredFrameCodec
{
    extension(FrameCodec)
    {
        /// <summary>The bytes of a message that has no position yet: whoever stores it writes epoch and offset between them.</summary>
        public static MessageTemplate EncodeTemplate(
            string room, string id, string author, string text, DateTimeOffset sentAt, string node)
        {
            var frame = FrameCodec.Encode(new MessageFrame(room, "", 0, id, author, text, FrameCodec.FormatTime(sentAt), node));

            // The first occurrence is the frame's own: the type and a room's name cannot contain a quotation mark.
            var epoch = frame.AsSpan().IndexOf(MessageTemplate.BeforeEpoch) + MessageTemplate.BeforeEpoch.Length;
            return new MessageTemplate(
                frame.AsMemory(0, epoch), frame.AsMemory(epoch + MessageTemplate.BetweenEpochAndOffset.Length + 1));
        }

        /// <summary>As <see cref="FrameCodec.Encode(ServerFrame)"/>, around messages that are bytes already.</summary>
        /// <param name="joined">Its own <c>Messages</c> are left aside.</param>
        /// <param name="messages">Encoded message frames, oldest first.</param>
        public static byte[] EncodeJoined(JoinedFrame joined, IReadOnlyList<ReadOnlyMemory<byte>> messages) =>
            FrameCodec.Splice(FrameCodec.Encode(joined with { Messages = [] }), messages);

        /// <inheritdoc cref="EncodeJoined"/>
        public static byte[] EncodeHistory(HistoryFrame history, IReadOnlyList<ReadOnlyMemory<byte>> messages) =>
            FrameCodec.Splice(FrameCodec.Encode(history with { Messages = [] }), messages);

        /// <summary>A message frame with its hops and the trace context of its storing, from one without.</summary>
        public static byte[] EncodeWithHops(ReadOnlySpan<byte> message, IReadOnlyList<Hop> hops, string? traceparent)
        {
            var list = JsonSerializer.SerializeToUtf8Bytes(hops, HopsJson.Default.IReadOnlyListHop);
            return traceparent is null
                ? [.. message[..^1], .. ",\"hops\":"u8, .. list, (byte)'}']
                : [.. message[..^1], .. ",\"hops\":"u8, .. list, .. ",\"traceparent\":\""u8, .. JsonEncodedText.Encode(traceparent).EncodedUtf8Bytes, .. "\"}"u8];
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<Hop>))]
internal sealed partial class HopsJson : JsonSerializerContext;
