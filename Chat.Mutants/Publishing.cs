using Chat.Node.Backplane;
using Chat.Protocol;

namespace Chat.Mutants;

/// <summary>Takes nothing.</summary>
internal sealed class RefuseAll(IBackplane right) : Mutant(right)
{
    public override Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken) =>
        throw new BackplaneUnavailableException("This node refuses everything.");
}

/// <summary>Stores some messages again, as if their ids were not remembered.</summary>
internal sealed class StoreTwice(IBackplane right) : Mutant(right)
{
    public override async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var stored = await Right.PublishAsync(message, cancellationToken);
        if (IsChosen())
        {
            await Right.PublishAsync(message with { IdempotencyKey = $"{message.IdempotencyKey}:again" }, cancellationToken);
        }

        return stored;
    }
}

/// <summary>Acks some messages that it does not store.</summary>
internal sealed class AckUnstored(IBackplane right) : Mutant(right)
{
    public override async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken) => IsChosen()
        ? new Stored((await Right.ReadAfterAsync(message.Room, after: null, cancellationToken)).Top, Duplicate: false)
        : await Right.PublishAsync(message, cancellationToken);
}

/// <summary>Names another position in some acks.</summary>
internal sealed class AckElsewhere(IBackplane right) : Mutant(right)
{
    public override async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var stored = await Right.PublishAsync(message, cancellationToken);
        return IsChosen() ? stored with { Position = stored.Position with { Offset = stored.Position.Offset + 1 } } : stored;
    }
}

/// <summary>Stores some messages with another text.</summary>
internal sealed class ChangeText(IBackplane right) : Mutant(right)
{
    public override Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        if (!IsChosen())
        {
            return Right.PublishAsync(message, cancellationToken);
        }

        // The key is the author and the id.
        var (author, id) = message.IdempotencyKey.Split(':') switch { var parts => (parts[0], parts[1]) };
        var frame = FrameCodec.EncodeTemplate(message.Room, id, author, "something else", message.Origin.ReceivedAt, message.Origin.Node);
        return Right.PublishAsync(message with { Frame = frame }, cancellationToken);
    }
}

/// <summary>Takes its time over every message.</summary>
internal sealed class AnswerLate(IBackplane right) : Mutant(right)
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1.5);

    public override async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        await Task.Delay(Late, TimeProvider.System, cancellationToken);
        return await Right.PublishAsync(message, cancellationToken);
    }
}
