using Chat.Node.Backplane;

namespace Chat.Experiments.Ablations;

/// <summary>Without <see cref="Protection.Idempotency"/>: what is looked up is never there, so every message is a new one.</summary>
internal sealed class ForgetfulLog(IBackplane log) : WrappedBackplane(log)
{
    public override Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken) =>
        Inner.PublishAsync(message with { IdempotencyKey = Guid.NewGuid().ToString("N") }, cancellationToken);
}
