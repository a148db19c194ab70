using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chat.Protocol;

/// <summary>The node lease as bytes, and where in Redis it lives.</summary>
public static class NodeLeaseCodec
{
    /// <summary>The set of ids of nodes that may be alive: a reader looks up each one's lease.</summary>
    public const string Index = "chat:nodes";

    /// <summary>The Redis channel on which a node's id is published when it comes, goes or changes state.</summary>
    public const string Changes = "chat:nodes";

    /// <summary>The key of one node's lease. It expires: no key, no node.</summary>
    public static string KeyOf(string nodeId) => $"chat:node:{nodeId}";

    public static byte[] Encode(NodeLease lease) =>
        JsonSerializer.SerializeToUtf8Bytes(lease, NodeLeaseJson.Default.NodeLease);

    /// <returns>Null when the bytes are not a lease: written by something else, or by a version we do not know.</returns>
    public static NodeLease? Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var lease = JsonSerializer.Deserialize(utf8, NodeLeaseJson.Default.NodeLease);
            return lease is not null && Uri.TryCreate(lease.Url, UriKind.Absolute, out _) ? lease : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NodeLease))]
internal sealed partial class NodeLeaseJson : JsonSerializerContext;
