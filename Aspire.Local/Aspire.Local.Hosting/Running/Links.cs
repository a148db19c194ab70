using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Local.Hosting.Running;

/// <summary>The addresses of an instance: those that its resource shares, those added by hand, and its own.</summary>
internal static class Links
{
    public static ImmutableArray<UrlSnapshot> Of(ResourceInstance instance) =>
        [.. Shared(instance.Resource), .. Added(instance.Resource), .. Own(instance)];

    private static IEnumerable<UrlSnapshot> Shared(IResource resource)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (endpoint.AllocatedEndpoint is not { } allocated)
            {
                continue;
            }

            var link = new ResourceUrlAnnotation
            {
                Url = allocated.UriString,
                Endpoint = resource is IResourceWithEndpoints owner ? new EndpointReference(owner, endpoint.Name) : null,
            };
            foreach (var change in resource.Annotations.OfType<UrlForEndpointAnnotation>().Where(change => change.EndpointName == endpoint.Name))
            {
                change.Callback(link);
            }

            var url = link.Url.StartsWith('/') ? allocated.UriString + link.Url : link.Url;
            yield return new UrlSnapshot(endpoint.Name, url, IsInternal: !endpoint.IsExternal) { DisplayText = link.DisplayText };
        }
    }

    private static IEnumerable<UrlSnapshot> Added(IResource resource) => resource.Annotations.OfType<ResourceUrlAnnotation>()
        .Select(link => new UrlSnapshot(null, link.Url, IsInternal: false) { DisplayText = link.DisplayText });

    /// <summary>Only where it differs: without a proxy both are one.</summary>
    private static IEnumerable<UrlSnapshot> Own(ResourceInstance instance) => instance.Endpoints
        .Where(own => own.Endpoint.AllocatedEndpoint?.Port != own.Port)
        .Select(own => new UrlSnapshot(own.Endpoint.Name, own.Url, IsInternal: true));
}
