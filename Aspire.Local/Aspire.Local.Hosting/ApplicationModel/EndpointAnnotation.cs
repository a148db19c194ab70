using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One address of a resource: the port that others use, and the port that each instance listens on.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private string? _transport;

    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool isProxied = true)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? (protocol == ProtocolType.Udp ? "udp" : "tcp");
        Name = name ?? UriScheme;
        _transport = transport;
        Port = port;
        TargetPort = targetPort ?? (isProxied ? null : port);
        IsExternal = isExternal ?? false;
        IsProxied = isProxied;
        if (isProxied && Port is not null && Port == TargetPort)
        {
            throw new ArgumentException("A proxied endpoint cannot listen on the port that its resource listens on.", nameof(targetPort));
        }
    }

    public string Name { get; set; }

    public ProtocolType Protocol { get; set; }

    /// <summary>Port that others use; a free one when null.</summary>
    public int? Port { get; set; }

    /// <summary>Port that the program itself listens on; a free one per instance when null.</summary>
    public int? TargetPort { get; set; }

    public string UriScheme { get; set; }

    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : "tcp");
        set => _transport = value;
    }

    /// <summary>Meant for people: shown as a link.</summary>
    public bool IsExternal { get; set; }

    public bool IsProxied { get; set; }

    /// <summary>Where others reach it; null until the application starts.</summary>
    public AllocatedEndpoint? AllocatedEndpoint { get; set; }

    /// <summary>Port of the first instance, when none is given; known once the application starts.</summary>
    internal int? FirstInstancePort { get; set; }

    /// <summary>Variable that tells the program its own port.</summary>
    internal string? PortVariable { get; set; }
}

public class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port)
{
    public EndpointAnnotation Endpoint { get; } = endpoint;

    public string Address { get; } = address;

    public int Port { get; } = port;

    public string UriScheme => Endpoint.UriScheme;

    public string EndPointString => $"{Address}:{Port}";

    public string UriString => $"{UriScheme}://{EndPointString}";
}
