using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Output;
using Aspire.Local.Hosting.Proxying;

namespace Aspire.Local.Hosting.Running;

/// <summary>The instances of a run and the addresses they share: made once, before anything starts.</summary>
internal sealed class Topology : IAsyncDisposable
{
    private const string Host = "localhost";

    private readonly PortReservations _ports = new();
    private readonly Dictionary<EndpointAnnotation, EndpointProxy> _proxies = [];
    private readonly Dictionary<IResource, string> _problems = [];

    private Topology()
    {
    }

    public IReadOnlyList<ResourceInstance> Instances { get; private set; } = [];

    public static Topology Create(DistributedApplicationModel model, bool randomizePorts, Func<ConsoleLog> newLog)
    {
        var topology = new Topology();
        var processes = model.Resources.Where(IsProcess).ToArray();
        foreach (var resource in processes)
        {
            topology.Allocate(resource, randomizePorts);
        }

        topology.Instances = [.. processes.SelectMany(resource => topology.Replicate(resource, newLog))];
        return topology;
    }

    public static bool IsProcess(IResource resource) => resource is ProjectResource or ExecutableResource or RedisResource;

    public static int ReplicasOf(IResource resource) => resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    /// <summary>Why the resource cannot have its addresses; null when it has.</summary>
    public string? ProblemOf(IResource resource) => _problems.GetValueOrDefault(resource);

    public IReadOnlyList<ResourceInstance> InstancesOf(IResource resource) => [.. Instances.Where(instance => instance.Resource == resource)];

    public EndpointProxy? ProxyOf(EndpointAnnotation endpoint) => _proxies.GetValueOrDefault(endpoint);

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies.Values)
        {
            await proxy.DisposeAsync();
        }

        _ports.Dispose();
    }

    private void Allocate(IResource resource, bool randomizePorts)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var proxied = endpoint.IsProxied && endpoint.Protocol == ProtocolType.Tcp;
            var port = proxied ? Listen(resource, endpoint, randomizePorts) : endpoint.Port ?? endpoint.TargetPort ?? _ports.Take();
            if (!proxied && ReplicasOf(resource) > 1)
            {
                _problems[resource] = $"The endpoint '{endpoint.Name}' has no proxy, so '{resource.Name}' cannot have replicas.";
            }
            else if (!proxied && !PortReservations.IsFree(port))
            {
                _problems[resource] = Taken(resource, port);
            }

            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, Host, port);
        }
    }

    /// <returns>The port others use, even if it is taken: it stays the resource's address in all messages.</returns>
    private int Listen(IResource resource, EndpointAnnotation endpoint, bool randomizePorts)
    {
        var wanted = randomizePorts ? 0 : endpoint.Port ?? 0;
        try
        {
            var proxy = EndpointProxy.Listen(wanted);
            _proxies[endpoint] = proxy;
            return proxy.Port;
        }
        catch (SocketException error)
        {
            _problems[resource] = error.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? Taken(resource, wanted)
                : $"Port {wanted} for '{resource.Name}' cannot be used: {error.Message}.";
            return wanted;
        }
    }

    private static string Taken(IResource resource, int port) =>
        $"Port {port} for '{resource.Name}' is taken by another program: end it, or choose another port.";

    private IEnumerable<ResourceInstance> Replicate(IResource resource, Func<ConsoleLog> newLog)
    {
        var replicas = ReplicasOf(resource);
        for (var i = 0; i < replicas; i++)
        {
            var endpoints = resource.Annotations.OfType<EndpointAnnotation>()
                .Select(endpoint => new InstanceEndpoint(endpoint, PortFor(resource, endpoint, replicas)))
                .ToArray();
            foreach (var own in endpoints)
            {
                own.Endpoint.FirstInstancePort ??= own.Port;
            }

            yield return new ResourceInstance(resource, ResourceInstance.NewSuffix(), endpoints, newLog());
        }
    }

    private int PortFor(IResource resource, EndpointAnnotation endpoint, int replicas)
    {
        if (!_proxies.ContainsKey(endpoint) && endpoint.AllocatedEndpoint is { } shared && !endpoint.IsProxied)
        {
            return endpoint.TargetPort ?? shared.Port;
        }

        if (endpoint.TargetPort is not null && replicas > 1)
        {
            _problems[resource] = $"The endpoint '{endpoint.Name}' fixes the port its program listens on, so '{resource.Name}' cannot have replicas.";
        }

        return endpoint.TargetPort ?? _ports.Take();
    }
}
