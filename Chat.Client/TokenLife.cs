using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Chat.Client;

/// <summary>How long a token is good for, where it says so (a JWT's <c>exp</c> and <c>iat</c>). Nothing is checked: that is the node's part.</summary>
internal sealed record TokenLife(DateTimeOffset ExpiresAt, DateTimeOffset? IssuedAt)
{
    /// <returns>Null when it does not say.</returns>
    public static TokenLife? Of(string token)
    {
        try
        {
            var payload = token.Split('.') is [_, var middle, _] ? Base64Url.DecodeFromChars(middle) : [];
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(payload));
            return Read(json.RootElement, "exp") is { } expiresAt ? new TokenLife(expiresAt, Read(json.RootElement, "iat")) : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>How much of it is left for a token that a node has just taken.</summary>
    public TimeSpan Left(DateTimeOffset now)
    {
        var left = ExpiresAt - now;

        // A token that was taken is neither over nor from the future. If so it seems, the clock here is wrong, and its whole life is the best guess.
        return IssuedAt is { } issuedAt && (left <= TimeSpan.Zero || left > ExpiresAt - issuedAt) ? ExpiresAt - issuedAt : left;
    }

    /// <summary>No sooner than this after another renewal: the clock here may be ahead by almost the whole life of a token.</summary>
    public TimeSpan PeriodMin => IssuedAt is { } issuedAt ? (ExpiresAt - issuedAt) / 4 : TimeSpan.Zero;

    private static DateTimeOffset? Read(JsonElement json, string claim) =>
        json.TryGetProperty(claim, out var time) && time.TryGetInt64(out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
