using System.Threading.Channels;

namespace Chat.Node.Backplane.Subscriptions;

/// <summary>
/// Hands publications on, apart from the thread that reads them off the connection: a server cuts off a subscriber that reads
/// slowly. A channel always takes the same lane, so its order stays.
/// </summary>
internal sealed partial class Lane : IAsyncDisposable
{
    private readonly NodeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<(ChannelSubscription To, byte[] Payload, long At)> _queue;
    private readonly Task _running;

    /// <summary>When the publication arrived whose turn it is; 0 when there is none.</summary>
    private long _servingSince;

    public Lane(int publicationsMax, NodeMetrics metrics, TimeProvider time, ILogger logger)
    {
        (_metrics, _time, _logger) = (metrics, time, logger);
        _queue = Channel.CreateBounded<(ChannelSubscription, byte[], long)>(
            new BoundedChannelOptions(publicationsMax) { SingleReader = true, SingleWriter = true });
        _running = RunAsync();
    }

    /// <summary>How far it is behind: for how long the publication has been here whose turn it is, or comes next.</summary>
    public TimeSpan Delay
    {
        get
        {
            var since = Volatile.Read(ref _servingSince);
            return since != 0 ? _time.GetElapsedTime(since)
                : _queue.Reader.TryPeek(out var next) ? _time.GetElapsedTime(next.At)
                : TimeSpan.Zero;
        }
    }

    /// <summary>Never waits. What finds the lane full is dropped, and its subscription told.</summary>
    public void Add(ChannelSubscription to, byte[] payload)
    {
        if (!_queue.Writer.TryWrite((to, payload, _time.GetTimestamp())))
        {
            to.Lost();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _running;
    }

    private async Task RunAsync()
    {
        await foreach (var (to, payload, at) in _queue.Reader.ReadAllAsync())
        {
            Volatile.Write(ref _servingSince, at);
            _metrics.Laned(_time.GetElapsedTime(at));
            try
            {
                to.Received(payload);
            }
#pragma warning disable CA1031 // A fault in one room must not make the others deaf.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(to.Channel, exception);
                to.Lost();
            }
            finally
            {
                Volatile.Write(ref _servingSince, 0);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A publication on {Channel} could not be handed on; it is read again from where it is kept")]
    private partial void LogFailed(string channel, Exception exception);
}
