namespace Chat.Wires.Turns;

/// <summary>
/// What is ready to go on, first come first served. A turn runs those that are there when it begins; what comes meanwhile has the
/// next turn, behind the sockets' news. That is all of the fairness between wires: who has used up its budget queues again.
/// </summary>
internal sealed class ReadyQueue
{
    private readonly Queue<LoopWork> _works = new();

    public bool IsEmpty => _works.Count == 0;

    public void Add(LoopWork work)
    {
        if (!work.Queued)
        {
            work.Queued = true;
            _works.Enqueue(work);
        }
    }

    public void RunTurn()
    {
        for (var left = _works.Count; left > 0; left--)
        {
            var work = _works.Dequeue();
            work.Queued = false;
            work.Run();
        }
    }
}
