using System.Globalization;
using System.Text;
using Chat.Balancer.Heads;

namespace Chat.Balancer.Relaying;

/// <summary>Responses that the balancer gives itself.</summary>
internal static class Reply
{
    /// <param name="retryAfterSeconds">For a refusal that may be tried again.</param>
    /// <param name="toHead">Without the body whose length it names.</param>
    public static byte[] Refuse(Refusal refusal, int retryAfterSeconds, bool toHead)
    {
        var allow = refusal.Allow is { } methods ? $"Allow: {methods}\r\n" : "";
        var retry = refusal.Retryable ? string.Create(CultureInfo.InvariantCulture, $"Retry-After: {retryAfterSeconds}\r\n") : "";
        return Build(refusal.Status, refusal.Phrase, "text/plain", Encoding.UTF8.GetBytes(refusal.Reason + "\n"), toHead, retry + allow + "Connection: close\r\n");
    }

    public static byte[] Of(int status, string phrase, string contentType, byte[] body, bool toHead, bool keepAlive) =>
        Build(status, phrase, contentType, body, toHead, keepAlive ? "" : "Connection: close\r\n");

    private static byte[] Build(int status, string phrase, string contentType, byte[] body, bool toHead, string fields)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {phrase}\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\nCache-Control: no-store\r\n{fields}\r\n");
        return toHead ? Encoding.Latin1.GetBytes(head) : [.. Encoding.Latin1.GetBytes(head), .. body];
    }
}
