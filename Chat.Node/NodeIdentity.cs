using System.Security.Cryptography;
using Chat.Protocol;
using Microsoft.Extensions.Options;

namespace Chat.Node;

/// <param name="Id">The instance's name in the cluster, in frames and in traces.</param>
/// <param name="Incarnation">New at every start.</param>
internal sealed record NodeIdentity(string Id, string Incarnation)
{
    /// <summary>
    /// The id is the telemetry's <c>service.instance.id</c>, so that traces and frames speak of the same node;
    /// made up where there is none.
    /// </summary>
    /// <exception cref="OptionsValidationException">It is none that a node can have.</exception>
    public static NodeIdentity FromConfiguration(IConfiguration configuration)
    {
        const string Key = "service.instance.id=";
        var instance = (configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "")
            .Split(',', StringSplitOptions.TrimEntries)
            .FirstOrDefault(attribute => attribute.StartsWith(Key, StringComparison.Ordinal))?[Key.Length..];
        var id = configuration["Chat:NodeId"] ?? instance ?? RandomName(8);
        if (!RoomName.IsValidUser(id))
        {
            // It stands between spaces in every stored message, and in the names of keys: one that does not fit makes messages that nobody can read.
            throw new OptionsValidationException(
                "NodeId", typeof(string), [$"Chat: NodeId, or {Key} of OTEL_RESOURCE_ATTRIBUTES, is \"{id}\": 1-64 of letters, digits, - _ . are a node's id."]);
        }

        return new NodeIdentity(id, RandomName(12));
    }

    private static string RandomName(int length) =>
        RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", length);
}
