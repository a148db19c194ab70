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

    /// <summary>How the AppHost names the same process: <c>node-abcdefgh</c>.</summary>
    public string ResourceId { get; } = InstanceId.Length == 0 ? Service : $"{Service}-{InstanceId}";

    public string ShortName { get; } =
        InstanceId.Length == 0 ? Service : $"{Service}-{InstanceId[..Math.Min(ShortIdLength, InstanceId.Length)]}";
}
