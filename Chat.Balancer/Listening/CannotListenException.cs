namespace Chat.Balancer.Listening;

/// <summary>The address is taken or not ours. A retry with the same address is of no use; the message says which it is.</summary>
internal sealed class CannotListenException(string message, Exception inner) : Exception(message, inner);
