namespace Aspire.Local.Dashboard.Telemetry.Model;

/// <summary>A process that sent telemetry: one instance of a service.</summary>
/// <param name="Number">Counts instances as they are first heard of: it picks the colour.</param>
public sealed record TelemetryInstance(
    string Service,
    string InstanceId,
    int Number,
    IReadOnlyList<TelemetryTag> Attributes)
{
    private const int ShortIdLength = 8;
    private const int CompactIdLength = 4;

    /// <summary>How the AppHost names the same process: <c>node-abcdefgh</c>.</summary>
    public string ResourceId { get; } = InstanceId.Length == 0 ? Service : $"{Service}-{InstanceId}";

    public string ShortName { get; } = Named(Service, InstanceId, ShortIdLength);

    public string CompactName { get; } = Named(Service, InstanceId, CompactIdLength);

    private static string Named(string service, string id, int length) =>
        id.Length == 0 ? service : $"{service}-{id[..Math.Min(length, id.Length)]}";
}
