namespace Chat.Wires.Turns;

/// <summary>Brings whoever awaits something foreign on a loop – a task of the thread pool, a Redis call – back to it.</summary>
internal sealed class LoopContext(WireLoop loop) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => loop.Post(static pair =>
    {
        var (callback, state) = ((SendOrPostCallback, object?))pair!;
        callback(state);
    }, (d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("Nothing waits for a loop on another thread: post it.");

    public override SynchronizationContext CreateCopy() => this;
}
