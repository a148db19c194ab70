using System.Collections.Concurrent;
using System.Threading.Channels;
using Aspire.Local.Hosting.Output;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One line of a program's output.</summary>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>What the programs of the run print.</summary>
public class ResourceLoggerService
{
    private const int BatchesMax = 1_000;

    private readonly ConcurrentDictionary<string, (IResource Resource, ConsoleLog Log)> _logs = new(StringComparer.OrdinalIgnoreCase);

    internal ResourceLoggerService()
    {
    }

    /// <summary>What is kept, then what comes.</summary>
    /// <param name="resourceName">An instance's id, or a resource's name for all its instances.</param>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName)
    {
        using var stopped = new CancellationTokenSource();
        var merged = Channel.CreateBounded<IReadOnlyList<LogLine>>(BatchesMax);
        var copies = Find(resourceName).Select(log => CopyAsync(log, merged.Writer, stopped.Token)).ToArray();
        try
        {
            await foreach (var batch in merged.Reader.ReadAllAsync())
            {
                yield return batch;
            }
        }
        finally
        {
            await stopped.CancelAsync();
            await Task.WhenAll(copies).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return WatchAsync(resource.Name);
    }

    /// <summary>What is kept.</summary>
    /// <param name="resourceName">An instance's id, or a resource's name for all its instances.</param>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask;
        foreach (var log in Find(resourceName))
        {
            yield return [.. log.Snapshot().Select(entry => entry.Line)];
        }
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return GetAllAsync(resource.Name);
    }

    internal void Register(IResource resource, string id, ConsoleLog log) => _logs[id] = (resource, log);

    internal ConsoleLog? FindInstance(string id) => _logs.TryGetValue(id, out var entry) ? entry.Log : null;

    private static async Task CopyAsync(ConsoleLog log, ChannelWriter<IReadOnlyList<LogLine>> writer, CancellationToken cancellationToken)
    {
        await foreach (var batch in log.WatchAsync(cancellationToken))
        {
            await writer.WriteAsync([.. batch.Select(entry => entry.Line)], cancellationToken);
        }
    }

    private IEnumerable<ConsoleLog> Find(string name)
    {
        var exact = FindInstance(name);
        return exact is not null
            ? [exact]
            : [.. _logs.Values.Where(entry => string.Equals(entry.Resource.Name, name, StringComparison.OrdinalIgnoreCase)).Select(entry => entry.Log)];
    }
}
