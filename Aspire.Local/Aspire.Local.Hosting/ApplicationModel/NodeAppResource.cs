using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public class NodeAppResource(string name, string command, string workingDirectory)
    : ExecutableResource(name, command, workingDirectory), IResourceWithServiceDiscovery;
