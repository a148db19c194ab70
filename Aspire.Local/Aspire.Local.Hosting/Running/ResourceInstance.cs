using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Output;

namespace Aspire.Local.Hosting.Running;

/// <summary>One process's place in the application: who it is and where it listens. It keeps both when it is started again.</summary>
/// <param name="Suffix">Eight letters; telemetry carries them as <c>service.instance.id</c>.</param>
internal sealed record ResourceInstance(IResource Resource, string Suffix, IReadOnlyList<InstanceEndpoint> Endpoints, ConsoleLog Log)
{
    private const int SuffixLength = 8;

    public string Id => $"{Resource.Name}-{Suffix}";

    public static string NewSuffix() => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", SuffixLength);

    public int? PortOf(string endpointName) =>
        Endpoints.FirstOrDefault(endpoint => string.Equals(endpoint.Endpoint.Name, endpointName, StringComparison.OrdinalIgnoreCase))?.Port;
}

/// <param name="Port">What this instance listens on.</param>
internal sealed record InstanceEndpoint(EndpointAnnotation Endpoint, int Port)
{
    public string Url => $"{Endpoint.UriScheme}://localhost:{Port}";
}
