using System.Buffers;
using System.Text;

namespace Chat.Balancer.Heads;

/// <summary>The character classes of RFC 9110 and 9112, as strictly as they are written.</summary>
internal static class Grammar
{
    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static readonly SearchValues<byte> HostBytes = SearchValues.Create(
        "-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static readonly SearchValues<byte> Ipv6Bytes = SearchValues.Create(":.0123456789abcdefABCDEF"u8);

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    /// <summary>Visible characters, blanks, and bytes above ASCII: no control character, and so no line break.</summary>
    public static bool IsFieldValue(ReadOnlySpan<byte> text)
    {
        foreach (var character in text)
        {
            if (character is < 0x20 and not (byte)'\t' or 0x7F)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An absolute path with an optional query, of visible ASCII.</summary>
    public static bool IsOriginForm(ReadOnlySpan<byte> target) =>
        !target.IsEmpty && target[0] == '/' && !target.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E) && !target.Contains((byte)'#');

    /// <summary>A name, IPv4 or bracketed IPv6 address, and an optional port.</summary>
    public static bool IsHost(ReadOnlySpan<byte> host)
    {
        var name = host;
        var portStart = host.LastIndexOf((byte)':');
        if (portStart >= 0 && host[portStart..].IndexOf((byte)']') < 0)
        {
            if (!IsPort(host[(portStart + 1)..]))
            {
                return false;
            }

            name = host[..portStart];
        }

        if (name.Length > 2 && name[0] == '[' && name[^1] == ']')
        {
            return !name[1..^1].ContainsAnyExcept(Ipv6Bytes);
        }

        return !name.IsEmpty && name.Length <= 255 && !name.ContainsAnyExcept(HostBytes);
    }

    /// <summary>Digits only: no sign, no blank, no list.</summary>
    public static bool TryParseLength(ReadOnlySpan<byte> text, out long length)
    {
        length = 0;
        if (text.IsEmpty || text.Length > 18 || text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        foreach (var digit in text)
        {
            length = (length * 10) + (digit - '0');
        }

        return true;
    }

    /// <summary>Without the blanks at both ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text, out int leading)
    {
        var trimmed = text.TrimStart(" \t"u8);
        leading = text.Length - trimmed.Length;
        return trimmed.TrimEnd(" \t"u8);
    }

    public static string Text(ReadOnlySpan<byte> ascii) => Encoding.Latin1.GetString(ascii);

    private static bool IsPort(ReadOnlySpan<byte> port) =>
        port.Length is > 0 and <= 5 && TryParseLength(port, out var number) && number <= 65535;
}
