using System.Collections.Concurrent;
using System.Net;
using Chat.Balancer.Heads;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Admission;

/// <summary>How many client connections there are, in all and from each address.</summary>
internal sealed class ConnectionLimits(IOptions<BalancerOptions> options)
{
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private int _connections;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Counts one connection in. Whoever gets null counts it out with <see cref="Leave"/>.</summary>
    public Refusal? TryEnter(IPAddress address)
    {
        if (Interlocked.Increment(ref _connections) > options.Value.ConnectionsMax)
        {
            Interlocked.Decrement(ref _connections);
            return Refusal.Connections;
        }

        if (IPAddress.IsLoopback(address)
            || _perAddress.AddOrUpdate(address, 1, (_, count) => count + 1) <= options.Value.ConnectionsPerAddressMax)
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
}
