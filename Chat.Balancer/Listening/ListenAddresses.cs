using System.Net;
using System.Net.Sockets;

namespace Chat.Balancer.Listening;

/// <summary>Turns the usual URLs into addresses to bind.</summary>
internal static class ListenAddresses
{
    /// <param name="urls">Separated by semicolons; <c>localhost</c> is both loopbacks, <c>*</c> and <c>+</c> every address.</param>
    /// <exception cref="FormatException">Says which part is not a URL to listen on.</exception>
    public static IReadOnlyList<IPEndPoint> Parse(string urls) =>
        [.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).SelectMany(ParseOne)];

    private static IEnumerable<IPEndPoint> ParseOne(string url)
    {
        var parsable = url.Replace("//*", "//[::]", StringComparison.Ordinal).Replace("//+", "//[::]", StringComparison.Ordinal);
        if (!Uri.TryCreate(parsable, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
        {
            throw new FormatException($"{url} is not a URL to listen on: http://host:port");
        }

        if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address))
        {
            return [new IPEndPoint(address, uri.Port)];
        }

        if (!uri.IsLoopback)
        {
            throw new FormatException($"{url}: the host is localhost, * or an IP address");
        }

        return Socket.OSSupportsIPv6
            ? [new IPEndPoint(IPAddress.Loopback, uri.Port), new IPEndPoint(IPAddress.IPv6Loopback, uri.Port)]
            : [new IPEndPoint(IPAddress.Loopback, uri.Port)];
    }
}
