using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chat.Node.Control;

/// <summary>What one node says to all, about a user who may be connected anywhere.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(InviteMessage), "invite")]
[JsonDerivedType(typeof(KickMessage), "kick")]
[JsonDerivedType(typeof(EvictMessage), "evict")]
[JsonDerivedType(typeof(RevokeMessage), "revoke")]
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

/// <summary>A user has too many connections: this one, the oldest, is to go.</summary>
internal sealed record EvictMessage(string User, string Connection) : ControlMessage;

/// <summary>Tokens that count no longer: one, or all of a user that were issued before a time.</summary>
/// <param name="NotBeforeMs">Unix time.</param>
internal sealed record RevokeMessage(string? TokenId, string? User, long NotBeforeMs, string Reason) : ControlMessage;

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ControlMessage))]
internal sealed partial class ControlJson : JsonSerializerContext;
