using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Local.Hosting.Output;

/// <param name="Line">As tests and tools see it.</param>
internal sealed record ConsoleEntry(LogLine Line, DateTimeOffset At);

/// <summary>The newest output of one instance. Safe to call from any thread.</summary>
internal sealed class ConsoleLog(int linesMax, int charsMax, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<ConsoleEntry> _entries = new();
    private readonly List<Channel<ConsoleEntry>> _readers = [];
    private int _number;
    private int _chars;

    public void Add(string content, bool isError)
    {
        lock (_gate)
        {
            var entry = new ConsoleEntry(new LogLine(++_number, content, isError), time.GetUtcNow());
            _entries.Enqueue(entry);
            _chars += content.Length;
            while (_entries.Count > linesMax || (_chars > charsMax && _entries.Count > 1))
            {
                _chars -= _entries.Dequeue().Line.Content.Length;
            }

            // A full reader loses its oldest line and never holds the process up.
            _readers.ForEach(reader => reader.Writer.TryWrite(entry));
        }
    }

    public IReadOnlyList<ConsoleEntry> Snapshot()
    {
        lock (_gate)
        {
            return [.. _entries];
        }
    }

    /// <summary>What is kept, then what comes, until the token is cancelled.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ConsoleEntry>> WatchAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = Channel.CreateBounded<ConsoleEntry>(
            new BoundedChannelOptions(linesMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        IReadOnlyList<ConsoleEntry> kept;
        lock (_gate)
        {
            kept = [.. _entries];
            _readers.Add(reader);
        }

        try
        {
            if (kept.Count > 0)
            {
                yield return kept;
            }

            while (await reader.Reader.WaitToReadAsync(cancellationToken))
            {
                var batch = new List<ConsoleEntry>();
                while (reader.Reader.TryRead(out var entry))
                {
                    batch.Add(entry);
                }

                yield return batch;
            }
        }
        finally
        {
            lock (_gate)
            {
                _readers.Remove(reader);
            }
        }
    }
}
