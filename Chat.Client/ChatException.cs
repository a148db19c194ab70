namespace Chat.Client;

/// <summary>The node refused, an answer did not come in time, or the client has ended. <see cref="Code"/> says which.</summary>
public sealed class ChatException : Exception
{
    /// <summary>The connection was ended for good, or the client stopped. <see cref="ChatClient.StartAsync"/> begins anew.</summary>
    public const string Closed = "closed";

    /// <summary>No answer in time. The inner exception is the last that kept the client from a connection, where there was one.</summary>
    public const string Timeout = "timeout";

    /// <summary>No ack, and too much time has passed to send the message again safely: it may be stored, or not.</summary>
    public const string Expired = "expired";

    /// <summary>As many messages as allowed wait for their acks: wait for some of them.</summary>
    public const string OutboxFull = "outbox_full";

    /// <summary>The outbox store failed, so the message was not taken. The inner exception is the store's.</summary>
    public const string OutboxFailed = "outbox_failed";

    /// <param name="code">One of <see cref="Protocol.ErrorCode"/>, or of the constants of this class.</param>
    public ChatException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>One of <see cref="Protocol.ErrorCode"/>, or of the constants of this class.</summary>
    public string Code { get; }
}
