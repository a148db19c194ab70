using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Chat.Balancer.Heads;
using Chat.Balancer.Listening;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Admission;

/// <summary>How many client connections there are, in all and from each address.</summary>
internal sealed partial class ConnectionLimits
{
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private readonly ClientAddresses _addresses;
    private readonly int _perAddressMax;
    private int _connections;

    public ConnectionLimits(IOptions<BalancerOptions> options, DescriptorLimit descriptors, ClientAddresses addresses, ILogger<ConnectionLimits> logger)
    {
        _addresses = addresses;
        _perAddressMax = options.Value.ConnectionsPerAddressMax;
        ConnectionsMax = Math.Min(options.Value.ConnectionsMax, descriptors.ConnectionsMax);
        if (ConnectionsMax < options.Value.ConnectionsMax)
        {
            LogLowered(logger, options.Value.ConnectionsMax, ConnectionsMax, descriptors.Descriptors);
        }
    }

    /// <summary>What was set, or as many as this process has descriptors for.</summary>
    public int ConnectionsMax { get; }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Counts one connection in. Whoever gets null counts it out with <see cref="Leave"/>.</summary>
    public Refusal? TryEnter(IPAddress address)
    {
        if (Interlocked.Increment(ref _connections) > ConnectionsMax)
        {
            Interlocked.Decrement(ref _connections);
            return Refusal.Connections;
        }

        if (TryEnterAddress(address))
        {
            return null;
        }

        Interlocked.Decrement(ref _connections);
        return Refusal.AddressConnections;
    }

    public void Leave(IPAddress address)
    {
        Interlocked.Decrement(ref _connections);
        LeaveAddress(address);
    }

    /// <summary>Counts one that is counted in all already: its client is behind a proxy. Whoever gets true counts it out with <see cref="LeaveAddress"/>.</summary>
    public bool TryEnterAddress(IPAddress address)
    {
        if (_addresses.IsShared(address) || _perAddress.AddOrUpdate(KeyOf(address), 1, (_, count) => count + 1) <= _perAddressMax)
        {
            return true;
        }

        LeaveAddress(address);
        return false;
    }

    public void LeaveAddress(IPAddress address)
    {
        var key = KeyOf(address);
        if (!_addresses.IsShared(address) && _perAddress.AddOrUpdate(key, 0, (_, count) => count - 1) == 0)
        {
            _perAddress.TryRemove(new KeyValuePair<IPAddress, int>(key, 0));
        }
    }

    /// <summary>One client has a whole /64 of IPv6 addresses.</summary>
    private static IPAddress KeyOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    [LoggerMessage(LogLevel.Warning, "ConnectionsMax is {Wanted}, but {Descriptors} file descriptors are enough for {ConnectionsMax} only: that is the limit")]
    private static partial void LogLowered(ILogger logger, int wanted, int connectionsMax, int descriptors);
}
