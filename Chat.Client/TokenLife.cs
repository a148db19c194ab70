using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Chat.Client;

/// <summary>How long a token is good for, where it says so (a JWT's <c>exp</c>). Nothing is checked: that is the node's part.</summary>
internal static class TokenLife
{
    /// <returns>Null when it does not say.</returns>
    public static DateTimeOffset? ExpiresAt(string token)
    {
        try
        {
            var payload = token.Split('.') is [_, var middle, _] ? Base64Url.DecodeFromChars(middle) : [];
            var json = JsonDocument.Parse(Encoding.UTF8.GetString(payload)).RootElement;
            return json.TryGetProperty("exp", out var expires) && expires.TryGetInt64(out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
