namespace Chat.Redis;

/// <summary>The server cannot start for a reason that the operator can mend. The message is one sentence for him.</summary>
internal sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
