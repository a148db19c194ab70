using System.Net;
using System.Text;
using Chat.Balancer.Heads;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Listening;

/// <summary>Who a client is, when something trusted stands in front and says so.</summary>
internal sealed class ClientAddresses(IOptions<BalancerOptions> options)
{
    private const int AddressesMax = 32;

    private readonly IPNetwork[] _trusted = Parse(options.Value.TrustedProxies) ?? [];

    /// <returns>Null when a part is neither an address nor a network.</returns>
    public static IPNetwork[]? Parse(string? networks)
    {
        var parsed = new List<IPNetwork>();
        foreach (var text in (networks ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(text, out var one))
            {
                parsed.Add(new IPNetwork(one, one.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(text, out var network))
            {
                parsed.Add(network);
            }
            else
            {
                return null;
            }
        }

        return [.. parsed];
    }

    /// <summary>An IPv4 address that a socket of both families names as IPv6 is one and the same client.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    public bool Trusts(IPAddress peer) => _trusted.Any(network => network.Contains(peer));

    /// <summary>Many clients may come from there: what one client may have does not bound it.</summary>
    public bool IsShared(IPAddress peer) => IPAddress.IsLoopback(peer) || Trusts(peer);

    /// <param name="peer">Whose connection it is.</param>
    /// <returns>The last address in X-Forwarded-For that no trusted proxy has; the peer's own unless that is one.</returns>
    public IPAddress Of(IPAddress peer, HeaderFields fields)
    {
        if (!Trusts(peer) || fields.Find("x-forwarded-for"u8, out var value) != 1)
        {
            return peer;
        }

        var client = peer;
        foreach (var text in Encoding.Latin1.GetString(value).Split(',').Reverse().Take(AddressesMax))
        {
            if (!IPAddress.TryParse(text.Trim(), out var address))
            {
                return client;
            }

            client = Plain(address);
            if (!Trusts(client))
            {
                return client;
            }
        }

        return client;
    }

    /// <returns>What a trusted proxy says of how the client reached it, else how this connection came.</returns>
    public string SchemeOf(IPAddress peer, HeaderFields fields, bool encrypted) =>
        Trusts(peer) && fields.Find("x-forwarded-proto"u8, out var value) == 1
            ? Ascii.EqualsIgnoreCase(value, "https"u8) ? "https" : "http"
            : encrypted ? "https" : "http";
}
