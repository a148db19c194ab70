using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chat.Node.Control;

/// <summary>What one node says to all, about a user who may be connected anywhere.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(InviteMessage), "invite")]
[JsonDerivedType(typeof(KickMessage), "kick")]
internal abstract record ControlMessage
{
    public static byte[] Encode(ControlMessage message) =>
        JsonSerializer.SerializeToUtf8Bytes(message, ControlJson.Default.ControlMessage);

    /// <returns>Null when the bytes are none that we know.</returns>
    public static ControlMessage? Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, ControlJson.Default.ControlMessage);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>Somebody is in a direct room, and the other is not.</summary>
internal sealed record InviteMessage(string Room, string From, string To) : ControlMessage;

internal sealed record KickMessage(string User, string Reason) : ControlMessage;

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ControlMessage))]
internal sealed partial class ControlJson : JsonSerializerContext;
