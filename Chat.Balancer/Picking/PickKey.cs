using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using Chat.Balancer.Heads;

namespace Chat.Balancer.Picking;

/// <summary>Whose connection it is, read only when a policy asks: the user of the access token, else the client's address.</summary>
internal readonly struct PickKey(RequestHead? request, IPAddress clientAddress)
{
    /// <summary>
    /// The token is not verified here: who forges one gains a different node and nothing else, since the node verifies it.
    /// </summary>
    public string Read() => (request is null ? null : UserOf(Token(request))) ?? clientAddress.ToString();

    private static string? Token(RequestHead request)
    {
        if (request.Fields.Find("authorization"u8, out var value) == 1 && value.Length > 7
            && Ascii.EqualsIgnoreCase(value[..7], "bearer "u8))
        {
            return Grammar.Text(value[7..]);
        }

        const string Name = "access_token=";
        var start = request.Target.IndexOf("?" + Name, StringComparison.Ordinal);
        start = start >= 0 ? start : request.Target.IndexOf("&" + Name, StringComparison.Ordinal);
        return start < 0 ? null : request.Target[(start + 1 + Name.Length)..].Split('&', 2)[0];
    }

    private static string? UserOf(string? token)
    {
        if (token?.Split('.') is not [_, var payload, _])
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.TryGetProperty("sub", out var subject) ? subject.GetString() : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
