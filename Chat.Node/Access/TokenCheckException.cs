namespace Chat.Node.Access;

/// <summary>Whether a token is good cannot be said now, because its issuer does not answer. A retry is safe.</summary>
internal sealed class TokenCheckException(string message, Exception inner) : Exception(message, inner);
