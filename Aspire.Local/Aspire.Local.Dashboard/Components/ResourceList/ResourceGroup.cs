using Aspire.Local.ResourceService;

namespace Aspire.Local.Dashboard.Components.ResourceList;

/// <summary>The instances of one resource.</summary>
public sealed record ResourceGroup(string Name, IReadOnlyList<ResourceDto> Instances)
{
    public bool HasReplicas => Instances.Count > 1;

    /// <summary>The addresses meant for people, once, whatever the number of replicas.</summary>
    public IReadOnlyList<ResourceUrlDto> ExternalUrls { get; } =
        [.. Instances.SelectMany(i => i.Urls).Where(u => u.External).DistinctBy(u => u.Url)];

    /// <summary>"3 Running", or "2 Running, 1 Exited".</summary>
    public string Summary { get; } = string.Join(
        ", ", Instances.GroupBy(i => i.State).OrderByDescending(g => g.Count()).Select(g => $"{g.Count()} {g.Key}"));

    /// <summary>By name; instances by age, so that a restart moves nothing.</summary>
    public static IReadOnlyList<ResourceGroup> Of(IEnumerable<ResourceDto> resources) =>
    [
        .. resources.GroupBy(r => r.Name, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new ResourceGroup(g.Key, [.. g.OrderBy(r => r.CreatedAt).ThenBy(r => r.Id, StringComparer.Ordinal)])),
    ];
}
