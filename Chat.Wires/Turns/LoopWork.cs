namespace Chat.Wires.Turns;

/// <summary>What a loop runs in a turn. It is queued at most once at a time.</summary>
internal abstract class LoopWork
{
    /// <summary>Kept by <see cref="ReadyQueue"/>.</summary>
    public bool Queued { get; set; }

    public abstract void Run();
}
