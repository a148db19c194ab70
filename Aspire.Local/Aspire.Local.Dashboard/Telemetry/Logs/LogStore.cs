using Aspire.Local.Dashboard.Telemetry.Model;
using Microsoft.Extensions.Options;

namespace Aspire.Local.Dashboard.Telemetry.Logs;

/// <param name="Entries">Oldest first.</param>
internal sealed record LogSnapshot(long Version, IReadOnlyList<LogEntry> Entries, long Bytes, long Dropped);

/// <summary>Keeps the newest log records within the limits. Safe to call from any thread.</summary>
internal sealed class LogStore(IOptions<TelemetryLimits> options)
{
    private readonly TelemetryLimits _limits = options.Value;
    private readonly Lock _lock = new();
    private readonly Queue<LogEntry> _entries = new();
    private readonly ChangeCounter _changes = new();
    private LogSnapshot _snapshot = new(0, [], 0, 0);
    private long _bytes;
    private long _added;
    private long _dropped;

    public long Version => _changes.Value;

    public void Add(IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var entry in entries)
            {
                _entries.Enqueue(entry with { Number = ++_added });
                _bytes += entry.Bytes;
                while (_entries.Count > _limits.LogsMax || (_bytes > _limits.LogBytesMax && _entries.Count > 1))
                {
                    _bytes -= _entries.Dequeue().Bytes;
                    _dropped++;
                }
            }

            _changes.Increment();
        }
    }

    /// <summary>Costs nothing when nothing changed since the last call.</summary>
    public LogSnapshot Snapshot()
    {
        lock (_lock)
        {
            if (_snapshot.Version != _changes.Value)
            {
                _snapshot = new LogSnapshot(_changes.Value, _entries.ToArray(), _bytes, _dropped);
            }

            return _snapshot;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
            (_bytes, _dropped) = (0, 0);
            _changes.Increment();
        }
    }
}
