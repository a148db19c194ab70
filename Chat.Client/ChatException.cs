namespace Chat.Client;

/// <summary>The node refused, or the client was closed for good.</summary>
/// <param name="code">One of <see cref="Protocol.ErrorCode"/>, or <c>closed</c>.</param>
public sealed class ChatException(string code, string message) : Exception(message)
{
    public const string Closed = "closed";

    public string Code => code;
}
