namespace Chat.Client;

/// <summary>Waiting for a message to be stored was cancelled. It is not sent again.</summary>
public sealed class SendCanceledException : OperationCanceledException
{
    internal SendCanceledException(string messageId, bool mayBeStored, CancellationToken cancellationToken)
        : base(
            mayBeStored ? "Cancelled after the message had been sent: it may be stored." : "Cancelled before the message was sent: it is not stored.",
            cancellationToken) => (MessageId, MayBeStored) = (messageId, mayBeStored);

    public string MessageId { get; }

    /// <summary>False: the message never left, and is not stored. True: it was sent at least once, so that it cannot be taken back.</summary>
    public bool MayBeStored { get; }
}
