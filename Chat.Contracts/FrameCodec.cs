using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Chat.Protocol.Frames;

namespace Chat.Protocol;

/// <summary>Frames to bytes and back: the only JSON on the socket.</summary>
public static class FrameCodec
{
    public const int ProtocolVersion = 1;

    internal const string TypeProperty = "type";

    // Text stays UTF-8 instead of \u escapes: nothing here is ever put into HTML.
    private static readonly FrameJson Json = new(new JsonSerializerOptions(FrameJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    // Messages within a frame are whole frames: those that carry some are written around them.
    public static byte[] Encode(ServerFrame frame) => frame switch
    {
        JoinedFrame { Messages.Count: > 0 } joined => Splice(Encode(joined with { Messages = [] }), EncodeAll(joined.Messages)),
        HistoryFrame { Messages.Count: > 0 } history => Splice(Encode(history with { Messages = [] }), EncodeAll(history.Messages)),
        _ => JsonSerializer.SerializeToUtf8Bytes(frame, Json.ServerFrame),
    };

    public static byte[] Encode(ClientFrame frame) => JsonSerializer.SerializeToUtf8Bytes(frame, Json.ClientFrame);

    /// <summary>ISO 8601 in UTC with milliseconds: how every time stands on the wire.</summary>
    public static string FormatTime(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static ReadOnlyMemory<byte>[] EncodeAll(IReadOnlyList<MessageFrame> messages) =>
        [.. messages.Select(message => (ReadOnlyMemory<byte>)Encode(message))];

    /// <summary>Puts messages that are bytes already into the empty <c>messages</c> of a frame.</summary>
    internal static byte[] Splice(byte[] frame, IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        var at = frame.AsSpan().IndexOf("\"messages\":["u8) + "\"messages\":["u8.Length;
        var bytes = new byte[frame.Length + messages.Sum(message => message.Length) + Math.Max(0, messages.Count - 1)];
        frame.AsSpan(0, at).CopyTo(bytes);
        var to = at;
        for (var i = 0; i < messages.Count; i++)
        {
            if (i > 0)
            {
                bytes[to++] = (byte)',';
            }

            messages[i].Span.CopyTo(bytes.AsSpan(to));
            to += messages[i].Length;
        }

        frame.AsSpan(at).CopyTo(bytes.AsSpan(to));
        return bytes;
    }

    /// <summary>Reads one frame from a client. Unknown fields are ignored.</summary>
    /// <returns>Null when it is not a frame: answer with <paramref name="error"/>.</returns>
    public static ClientFrame? DecodeClient(ReadOnlySpan<byte> utf8, out ErrorFrame? error) =>
        Decode(utf8, Json.ClientFrame, out error);

    /// <summary>Reads one frame from a node. Unknown fields are ignored; an unknown type is an error to be ignored.</summary>
    public static ServerFrame? DecodeServer(ReadOnlySpan<byte> utf8, out ErrorFrame? error) =>
        Decode(utf8, Json.ServerFrame, out error);

    private static T? Decode<T>(
        ReadOnlySpan<byte> utf8, JsonTypeInfo<T> frames, out ErrorFrame? error)
        where T : class
    {
        try
        {
            var type = ReadType(utf8);
            if (type is null)
            {
                error = new ErrorFrame(ErrorCode.Malformed, "A frame is one JSON object with a string \"type\".");
                return null;
            }

            foreach (var derived in frames.PolymorphismOptions!.DerivedTypes)
            {
                if (type.Equals(derived.TypeDiscriminator))
                {
                    error = null;
                    return JsonSerializer.Deserialize(utf8, frames);
                }
            }

            error = new ErrorFrame(ErrorCode.UnknownType, $"Unknown frame type \"{Shorten(type)}\".");
            return null;
        }
        catch (JsonException exception)
        {
            error = new ErrorFrame(ErrorCode.Malformed, $"Not a valid frame at byte {exception.BytePositionInLine ?? 0}.");
            return null;
        }
        catch (InvalidOperationException)
        {
            // The reader's word for text that is no UTF-8, or an escape that is half a character.
            error = new ErrorFrame(ErrorCode.Malformed, "Text is not valid UTF-8.");
            return null;
        }
    }

    private static string? ReadType(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals(TypeProperty);
            reader.Read();
            if (isType)
            {
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }

            reader.Skip();
        }

        return null;
    }

    private static string Shorten(string type) => type.Length <= 32 ? type : string.Concat(type.AsSpan(0, 32), "…");
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    AllowOutOfOrderMetadataProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    PropertyNameCaseInsensitive = false,
    MaxDepth = 16,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ClientFrame))]
[JsonSerializable(typeof(ServerFrame))]
internal sealed partial class FrameJson : JsonSerializerContext;
