using System.Collections.Concurrent;
using System.Net;
using Chat.Balancer.Heads;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Admission;

/// <summary>How many client connections there are, in all and from each address.</summary>
internal sealed partial class ConnectionLimits
{
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private readonly int _perAddressMax;
    private int _connections;

    public ConnectionLimits(IOptions<BalancerOptions> options, DescriptorLimit descriptors, ILogger<ConnectionLimits> logger)
    {
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

        if (IPAddress.IsLoopback(address)
            || _perAddress.AddOrUpdate(address, 1, (_, count) => count + 1) <= _perAddressMax)
        {
            return null;
        }

        Leave(address);
        return Refusal.AddressConnections;
    }

    public void Leave(IPAddress address)
    {
        Interlocked.Decrement(ref _connections);
        if (!IPAddress.IsLoopback(address) && _perAddress.AddOrUpdate(address, 0, (_, count) => count - 1) == 0)
        {
            _perAddress.TryRemove(new KeyValuePair<IPAddress, int>(address, 0));
        }
    }

    [LoggerMessage(LogLevel.Warning, "ConnectionsMax is {Wanted}, but {Descriptors} file descriptors are enough for {ConnectionsMax} only: that is the limit")]
    private static partial void LogLowered(ILogger logger, int wanted, int connectionsMax, int descriptors);
}
