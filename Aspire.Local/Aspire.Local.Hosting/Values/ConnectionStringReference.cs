using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A variable that holds another resource's connection string.</summary>
internal sealed record ConnectionStringReference(IResourceWithConnectionString Resource, bool Optional);
