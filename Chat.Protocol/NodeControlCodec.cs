using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chat.Protocol;

/// <summary>A node's control messages as bytes, and the Redis channel they come on.</summary>
public static class NodeControlCodec
{
    /// <summary>Names, in every request a balancer forwards, the balancer it came through.</summary>
    public const string BalancerHeader = "X-Chat-Balancer";

    /// <summary>The Redis channel on which one node is spoken to.</summary>
    public static string ChannelOf(string nodeId) => $"chat:node:{nodeId}:control";

    public static byte[] Encode(NodeControl control) =>
        JsonSerializer.SerializeToUtf8Bytes(control, NodeControlJson.Default.NodeControl);

    /// <returns>Null when the bytes are not a control message we know.</returns>
    public static NodeControl? Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, NodeControlJson.Default.NodeControl) switch
            {
                ShedControl { Connections: < 1 } or ShedControl { ReconnectWithinMs: < 0 } => null,
                var control => control,
            };
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    AllowOutOfOrderMetadataProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NodeControl))]
internal sealed partial class NodeControlJson : JsonSerializerContext;
