using Aspire.Hosting.ApplicationModel;
using Aspire.Local.ResourceService;

namespace Aspire.Local.Hosting.Serving;

/// <summary>From what the AppHost knows to what the dashboard draws.</summary>
internal static class ResourceMapper
{
    public static ResourceDto Map(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        return new ResourceDto(
            change.ResourceId,
            change.Resource.Name,
            snapshot.ResourceType,
            snapshot.State?.Text ?? KnownResourceStates.NotStarted,
            snapshot.HealthReports.IsEmpty ? null : snapshot.HealthStatus?.ToString(),
            Property<string>(snapshot, KnownProperties.Problem),
            snapshot.Properties.FirstOrDefault(property => property.Name == KnownProperties.ProcessId)?.Value as int?,
            snapshot.ExitCode,
            Moment(snapshot.CreationTimeStamp),
            Moment(snapshot.StartTimeStamp),
            Moment(snapshot.StopTimeStamp),
            Property<string>(snapshot, KnownProperties.Source),
            [.. snapshot.Urls.Select(url => new ResourceUrlDto(url.Name ?? "", url.Url, url.DisplayText, External: !url.IsInternal))],
            [.. snapshot.EnvironmentVariables.Select(variable => new ResourceVariableDto(variable.Name, variable.Value))],
            [.. snapshot.HealthReports.Select(report => new HealthReportDto(report.Name, report.Status?.ToString(), report.Description ?? report.ExceptionText))],
            [.. snapshot.Commands.Select(command => new ResourceCommandDto(command.Name, command.DisplayName, command.State == ResourceCommandState.Enabled))],
            [.. change.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name)]);
    }

    private static T? Property<T>(CustomResourceSnapshot snapshot, string name)
        where T : class => snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value as T;

    private static DateTimeOffset? Moment(DateTime? utc) => utc is { } time ? new DateTimeOffset(time, TimeSpan.Zero) : null;
}
