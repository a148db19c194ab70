using System.Globalization;
using System.Text;
using Chat.Balancer.Heads;

namespace Chat.Balancer.Relaying;

/// <summary>Responses that the balancer gives itself.</summary>
internal static class Reply
{
    /// <param name="retryAfterSeconds">For a refusal that may be tried again.</param>
    public static byte[] Refuse(Refusal refusal, int retryAfterSeconds)
    {
        var retry = refusal.Retryable ? string.Create(CultureInfo.InvariantCulture, $"Retry-After: {retryAfterSeconds}\r\n") : "";
        return Build(refusal.Status, refusal.Phrase, "text/plain", Encoding.UTF8.GetBytes(refusal.Reason + "\n"), retry + "Connection: close\r\n");
    }

    public static byte[] Json(int status, string phrase, byte[] body, bool keepAlive) =>
        Build(status, phrase, "application/json", body, keepAlive ? "" : "Connection: close\r\n");

    private static byte[] Build(int status, string phrase, string contentType, byte[] body, string fields)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {phrase}\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\nCache-Control: no-store\r\n{fields}\r\n");
        return [.. Encoding.Latin1.GetBytes(head), .. body];
    }
}
