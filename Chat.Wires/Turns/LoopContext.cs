namespace Chat.Wires.Turns;

/// <summary>
/// Brings whoever awaits something foreign on a loop – a task of the thread pool, a Redis call – back to it. Once the loop has ended he goes
/// on in the pool, to his own end: no wire is left, and one that was tells him that he is on the wrong thread.
/// </summary>
internal sealed class LoopContext(WireLoop loop) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!loop.TryPost(Run, (d, state)))
        {
            ThreadPool.UnsafeQueueUserWorkItem(Run, (d, state));
        }
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("Nothing waits for a loop on another thread: post it.");

    public override SynchronizationContext CreateCopy() => this;

    private static void Run(object? pair)
    {
        var (callback, state) = ((SendOrPostCallback, object?))pair!;
        callback(state);
    }
}
