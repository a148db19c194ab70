using System.Runtime.CompilerServices;

namespace Chat.Wires;

/// <summary>The way onto a loop; no way at all for who is there.</summary>
public readonly struct LoopEntry(WireLoop loop) : ICriticalNotifyCompletion
{
    public bool IsCompleted => loop.IsCurrent;

    public LoopEntry GetAwaiter() => this;

    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public void GetResult() => ObjectDisposedException.ThrowIf(!loop.IsCurrent, loop);

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        if (!loop.TryPost(static continuation => ((Action)continuation!)(), continuation))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static continuation => ((Action)continuation!)(), continuation);
        }
    }
}
