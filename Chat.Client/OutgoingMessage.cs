using System.Security.Cryptography;

namespace Chat.Client;

/// <summary>A message to be written. Sent twice, on whatever connection, it is stored once: its id says that it is the same.</summary>
/// <param name="Text">1 byte to the node's limit, usually 4 KiB of UTF-8.</param>
public sealed record OutgoingMessage(string Text)
{
    /// <summary>1–64 visible ASCII characters, unique per user; by default 80 random bits.</summary>
    public string Id { get; init; } = NewId();

    internal static string NewId() => RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", 16);
}
