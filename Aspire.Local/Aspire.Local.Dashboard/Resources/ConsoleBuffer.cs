namespace Aspire.Local.Dashboard.Resources;

/// <summary>The newest lines of several instances, by time. Safe to call from any thread.</summary>
internal sealed class ConsoleBuffer(int linesMax)
{
    private readonly Lock _lock = new();
    private readonly List<ConsoleLine> _lines = [];
    private long _version;
    private long _added;

    public long Version => Volatile.Read(ref _version);

    /// <summary>How many older lines had to go.</summary>
    public long Dropped { get; private set; }

    public void Add(string resourceId, string content, bool isError, DateTimeOffset at)
    {
        lock (_lock)
        {
            // Almost always the end; a second instance's past goes between what the first one wrote.
            var index = _lines.Count;
            while (index > 0 && _lines[index - 1].At > at)
            {
                index--;
            }

            _lines.Insert(index, new ConsoleLine(++_added, resourceId, content, isError, at));
            var surplus = _lines.Count - linesMax;
            // Removing from the front moves everything, so it is done in bulk.
            if (surplus > linesMax / 8)
            {
                _lines.RemoveRange(0, surplus);
                Dropped += surplus;
            }

            _version++;
        }
    }

    /// <returns>At most so many of the newest, oldest first.</returns>
    public IReadOnlyList<ConsoleLine> Tail(int count)
    {
        lock (_lock)
        {
            return _lines.GetRange(Math.Max(0, _lines.Count - count), Math.Min(count, _lines.Count));
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _lines.Clear();
            _version++;
        }
    }
}
