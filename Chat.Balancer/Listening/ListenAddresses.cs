using System.Net;
using System.Net.Sockets;

namespace Chat.Balancer.Listening;

/// <summary>Turns the usual URLs into addresses to bind.</summary>
internal static class ListenAddresses
{
    /// <param name="urls">Separated by semicolons; <c>localhost</c> is both loopbacks, <c>*</c> and <c>+</c> every address.</param>
    /// <exception cref="FormatException">Says which part is not a URL to listen on.</exception>
    public static IReadOnlyList<ListenAddress> Parse(string urls) =>
        [.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).SelectMany(ParseOne)];

    private static IEnumerable<ListenAddress> ParseOne(string url)
    {
        var parsable = url.Replace("//*", "//[::]", StringComparison.Ordinal).Replace("//+", "//[::]", StringComparison.Ordinal);
        if (!Uri.TryCreate(parsable, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new FormatException($"{url} is not a URL to listen on: http://host:port or https://host:port");
        }

        var encrypted = uri.Scheme == Uri.UriSchemeHttps;
        if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address))
        {
            return [new ListenAddress(new IPEndPoint(address, uri.Port), encrypted)];
        }

        if (!uri.IsLoopback)
        {
            throw new FormatException($"{url}: the host is localhost, * or an IP address");
        }

        IPAddress[] loopbacks = Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];
        return loopbacks.Select(loopback => new ListenAddress(new IPEndPoint(loopback, uri.Port), encrypted));
    }
}

/// <param name="Encrypted">TLS is spoken there.</param>
/// <param name="Admin">For operators: status and commands, and nothing that goes to a node.</param>
internal readonly record struct ListenAddress(IPEndPoint Endpoint, bool Encrypted, bool Admin = false);
