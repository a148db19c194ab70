using System.Text.Json;

namespace Aspire.Local.Dashboard.Resources;

/// <summary>Follows the console of some instances for one page. The page owns it.</summary>
internal sealed class ConsoleFeed(ResourceClient client, ConsoleBuffer buffer, TimeProvider clock) : IAsyncDisposable
{
    private const int LengthMax = 8_192;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly Dictionary<string, (Task Following, CancellationTokenSource Stop)> _followed = new(StringComparer.Ordinal);

    public ConsoleBuffer Buffer => buffer;

    /// <summary>Starts and stops following, so that exactly these instances are.</summary>
    public async Task FollowAsync(IReadOnlyCollection<string> resourceIds)
    {
        foreach (var id in _followed.Keys.Except(resourceIds).ToArray())
        {
            await StopAsync(id);
        }

        foreach (var id in resourceIds.Where(id => !_followed.ContainsKey(id)))
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
            _followed.Add(id, (Task.Run(() => ReadAsync(id, stop.Token)), stop));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        foreach (var id in _followed.Keys.ToArray())
        {
            await StopAsync(id);
        }

        _ended.Dispose();
    }

    private async Task StopAsync(string id)
    {
        if (_followed.Remove(id, out var followed))
        {
            await followed.Stop.CancelAsync();
            await followed.Following;
            followed.Stop.Dispose();
        }
    }

    private async Task ReadAsync(string id, CancellationToken cancellationToken)
    {
        var (number, at) = (0, DateTimeOffset.MinValue);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var line in client.WatchLogsAsync(id, cancellationToken))
                {
                    // A new stream begins with what the last one brought.
                    if (line.Number <= number && line.At <= at)
                    {
                        continue;
                    }

                    (number, at) = (line.Number, line.At);
                    var content = line.Content.Length <= LengthMax ? line.Content : line.Content[..LengthMax] + "…";
                    buffer.Add(id, content, line.IsError, line.At);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException)
            {
                // The AppHost or the instance is gone: the page says so, and it may come back.
            }

            await Task.Delay(RetryAfter, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
