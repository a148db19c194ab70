using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>The value of ASPNETCORE_URLS: one address per endpoint, with the ports of the instance that gets it.</summary>
internal sealed record ListenAddresses(IReadOnlyList<EndpointReferenceExpression> Ports);
