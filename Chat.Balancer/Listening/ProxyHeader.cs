using System.Buffers.Binary;
using System.Net;
using System.Text;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Listening;

/// <summary>
/// What a layer 4 proxy says in front of everything else, also of TLS: the PROXY protocol, versions 1 and 2
/// (haproxy.org, proxy-protocol.txt). Read to its last byte and not beyond.
/// </summary>
internal static class ProxyHeader
{
    private const int FirstLineBytesMax = 107;
    private const int SecondFixedBytes = 16;
    private const int SecondBytesMax = 4 * 1024;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <param name="peer">Stands for the client when the proxy speaks for itself.</param>
    /// <returns>The client's address, or null when this is no such header, or the connection broke.</returns>
    public static async ValueTask<IPAddress?> ReadAsync(Wire wire, IPAddress peer)
    {
        var start = new byte[Signature.Length];
        if (!await FillAsync(wire, start))
        {
            return null;
        }

        return start.AsSpan().SequenceEqual(Signature) ? await ReadSecondAsync(wire, peer)
            : start.AsSpan().StartsWith("PROXY "u8) ? await ReadFirstAsync(wire, peer, start)
            : null;
    }

    private static async ValueTask<IPAddress?> ReadFirstAsync(Wire wire, IPAddress peer, byte[] start)
    {
        var line = new List<byte>(start);
        var next = new byte[1];
        while (line[^1] != '\n')
        {
            if (line.Count == FirstLineBytesMax || !await FillAsync(wire, next))
            {
                return null;
            }

            line.Add(next[0]);
        }

        var text = Encoding.Latin1.GetString([.. line]);
        if (!text.EndsWith("\r\n", StringComparison.Ordinal))
        {
            return null;
        }

        return text[..^2].Split(' ') switch
        {
            ["PROXY", "UNKNOWN", ..] => peer,
            ["PROXY", "TCP4" or "TCP6", var source, _, _, _] when IPAddress.TryParse(source, out var address) => ClientAddresses.Plain(address),
            _ => null,
        };
    }

    private static async ValueTask<IPAddress?> ReadSecondAsync(Wire wire, IPAddress peer)
    {
        var rest = new byte[SecondFixedBytes - Signature.Length];
        if (!await FillAsync(wire, rest))
        {
            return null;
        }

        var (version, command, family) = (rest[0] >> 4, rest[0] & 0xF, rest[1] >> 4);
        var addresses = new byte[BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(2))];
        if (version != 2 || command > 1 || addresses.Length > SecondBytesMax || !await FillAsync(wire, addresses))
        {
            return null;
        }

        return (command, family) switch
        {
            (1, 1) => addresses.Length >= 12 ? new IPAddress(addresses.AsSpan(0, 4)) : null,
            (1, 2) => addresses.Length >= 36 ? ClientAddresses.Plain(new IPAddress(addresses.AsSpan(0, 16))) : null,
            _ => peer,
        };
    }

    private static async ValueTask<bool> FillAsync(Wire wire, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var received = await wire.ReceiveAsync(buffer);
            if (received <= 0)
            {
                return false;
            }

            buffer = buffer[received..];
        }

        return true;
    }
}
