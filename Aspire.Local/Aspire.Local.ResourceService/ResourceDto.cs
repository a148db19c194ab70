using System.Text.Json.Serialization;

namespace Aspire.Local.ResourceService;

/// <summary>One instance of a resource as the AppHost knows it: what the dashboard draws.</summary>
/// <param name="Id">Unique per instance: <c>node-abcdefgh</c>.</param>
/// <param name="Name">The resource's name in the AppHost, shared by its replicas.</param>
/// <param name="Type">Project, Executable, Redis, Parameter, ConnectionString.</param>
/// <param name="State">One of KnownResourceStates.</param>
/// <param name="Health">Healthy, Unhealthy, Degraded; null while nothing checks it or it does not run.</param>
/// <param name="Problem">Why it failed, in one sentence for a person; null when nothing is wrong.</param>
public sealed record ResourceDto(
    string Id,
    string Name,
    string Type,
    string State,
    string? Health,
    string? Problem,
    int? ProcessId,
    int? ExitCode,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? StoppedAt,
    string? Source,
    IReadOnlyList<ResourceUrlDto> Urls,
    IReadOnlyList<ResourceVariableDto> Environment,
    IReadOnlyList<HealthReportDto> HealthReports,
    IReadOnlyList<ResourceCommandDto> Commands,
    IReadOnlyList<string> WaitsFor);

/// <param name="External">The address meant for people: a link. The others are the instance's own.</param>
public sealed record ResourceUrlDto(string Name, string Url, string? DisplayText, bool External);

/// <param name="Value">Null when it is secret.</param>
public sealed record ResourceVariableDto(string Name, string? Value);

public sealed record HealthReportDto(string Name, string? Status, string? Description);

/// <param name="Name">As KnownResourceCommands: <c>resource-start</c>, <c>resource-stop</c>, <c>resource-restart</c>.</param>
public sealed record ResourceCommandDto(string Name, string DisplayName, bool Enabled);

/// <summary>One line of a resource stream: first a snapshot of all, then single changes.</summary>
/// <param name="Kind"><c>snapshot</c> (Resources), <c>upsert</c> (Resources has one), <c>remove</c> (Id).</param>
public sealed record ResourceChangeDto(string Kind, IReadOnlyList<ResourceDto>? Resources, string? Id);

/// <param name="Number">Counts from 1 per instance.</param>
public sealed record LogLineDto(int Number, string Content, bool IsError, DateTimeOffset At);

public sealed record CommandResultDto(bool Success, string? Error);

/// <summary>Paths and names of the HTTP interface that the AppHost serves on loopback for its dashboard.</summary>
/// <remarks>
/// <c>GET /v1/resources</c> streams <see cref="ResourceChangeDto"/>, one JSON object a line, until the client leaves.
/// <c>GET /v1/resources/{id}/logs</c> streams <see cref="LogLineDto"/>: what is kept, then what comes.
/// <c>POST /v1/resources/{id}/commands/{name}</c> answers <see cref="CommandResultDto"/>.
/// Every request carries <see cref="KeyHeader"/>.
/// </remarks>
public static class ResourceServiceProtocol
{
    public const string KeyHeader = "x-resource-service-key";

    /// <summary>Variable that tells the dashboard where the AppHost listens.</summary>
    public const string UrlVariable = "ASPIRE_LOCAL_RESOURCE_SERVICE_URL";

    public const string KeyVariable = "ASPIRE_LOCAL_RESOURCE_SERVICE_KEY";

    /// <summary>Name of the application, for the dashboard's title.</summary>
    public const string ApplicationVariable = "ASPIRE_LOCAL_APPLICATION_NAME";
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ResourceChangeDto))]
[JsonSerializable(typeof(LogLineDto))]
[JsonSerializable(typeof(CommandResultDto))]
public sealed partial class ResourceServiceJson : JsonSerializerContext;
