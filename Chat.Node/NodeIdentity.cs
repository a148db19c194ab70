using System.Security.Cryptography;

namespace Chat.Node;

/// <param name="Id">The instance's name in the cluster, in frames and in traces.</param>
/// <param name="Incarnation">New at every start.</param>
internal sealed record NodeIdentity(string Id, string Incarnation)
{
    /// <summary>
    /// The id is the telemetry's <c>service.instance.id</c>, so that traces and frames speak of the same node;
    /// made up where there is none.
    /// </summary>
    public static NodeIdentity FromConfiguration(IConfiguration configuration)
    {
        const string Key = "service.instance.id=";
        var instance = (configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "")
            .Split(',', StringSplitOptions.TrimEntries)
            .FirstOrDefault(attribute => attribute.StartsWith(Key, StringComparison.Ordinal))?[Key.Length..];
        return new NodeIdentity(
            configuration["Chat:NodeId"] ?? instance ?? RandomName(8),
            RandomName(12));
    }

    private static string RandomName(int length) =>
        RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", length);
}
