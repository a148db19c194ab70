using System.Buffers;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Subscriptions;

/// <summary>
/// Everything this node listens to, over one connection that is rebuilt whenever it breaks or seems dead. Pub/sub keeps
/// nothing: after every rebuild each subscription is told that it may have missed something. Safe to call from any thread.
/// </summary>
internal sealed partial class SubscriptionConnection : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ChannelSubscription> _subscriptions = [];
    private readonly Channel<(string Command, string Channel)> _commands = Channel.CreateUnbounded<(string, string)>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Lane[] _lanes;
    private readonly IConnectionMultiplexer _redis;
    private readonly RedisEndpoints _endpoints;
    private readonly NodeIdentity _node;
    private readonly NodeMetrics _metrics;
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SubscriptionConnection> _logger;

    /// <summary>By channel, the SUBSCRIBEs over the present connection: how many were sent, how many were answered. Those with all answered are left out.</summary>
    private readonly Dictionary<string, (int Sent, int Answered)> _attempts = [];
    private readonly Task _running;
    private volatile CancellationTokenSource? _current;
    private int _failures;
    private bool _connected;

    public SubscriptionConnection(
        IConnectionMultiplexer redis,
        RedisEndpoints endpoints,
        NodeIdentity node,
        NodeMetrics metrics,
        IOptions<NodeOptions> options,
        TimeProvider time,
        ILogger<SubscriptionConnection> logger)
    {
        (_redis, _endpoints, _node, _options, _time, _logger) = (redis, endpoints, node, options.Value, time, logger);
        _metrics = metrics;
        _lanes = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Lane(_options.LanePublicationsMax, metrics, time, logger))];
        metrics.ObserveLanes(() => LaneDelay);
        _running = RunAsync();
    }

    /// <summary>How far the node is behind with what it has heard: the delay of its slowest lane.</summary>
    public TimeSpan LaneDelay
    {
        get
        {
            var most = TimeSpan.Zero;
            foreach (var lane in _lanes)
            {
                most = lane.Delay is var delay && delay > most ? delay : most;
            }

            return most;
        }
    }

    /// <summary>Listens to a channel. One subscription a channel.</summary>
    /// <returns>Once the server has confirmed it: nothing published after that is missed while the connection holds.</returns>
    /// <exception cref="BackplaneUnavailableException">Not confirmed in time; nothing is subscribed.</exception>
    public async Task<IAsyncDisposable> SubscribeAsync(ChannelSubscription subscription, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _subscriptions.Add(subscription.Channel, subscription);
            subscription.Attempt = _connected ? NoteSent(subscription.Channel) : 1;
            Command("SUBSCRIBE", subscription.Channel);
        }

        try
        {
            await subscription.Confirmed.Task.WaitAsync(_options.RedisDeadline, _time, cancellationToken);
            return new Handle(this, subscription);
        }
        catch (TimeoutException exception)
        {
            Remove(subscription);
            throw new BackplaneUnavailableException("Redis does not confirm the subscription.", exception);
        }
        catch
        {
            Remove(subscription);
            throw;
        }
    }

    /// <summary>Drops the connection and makes a new one: it looks alive and is not.</summary>
    public void Rebuild()
    {
        try
        {
            _current?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just broken by itself: a new one is on its way.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        foreach (var lane in _lanes)
        {
            await lane.DisposeAsync();
        }

        _stop.Dispose();
    }

    private void Remove(ChannelSubscription subscription)
    {
        subscription.End();
        lock (_gate)
        {
            if (_subscriptions.GetValueOrDefault(subscription.Channel) == subscription)
            {
                _subscriptions.Remove(subscription.Channel);
                Command("UNSUBSCRIBE", subscription.Channel);
            }
        }
    }

    // Under the gate. Without a connection there is nothing to queue: the next one starts from what is wanted then.
    private void Command(string command, string channel)
    {
        if (_connected)
        {
            _commands.Writer.TryWrite((command, channel));
        }
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            using var current = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            _current = current;
            try
            {
                using var socket = await ConnectAsync(current.Token);
                var writing = WriteAsync(socket, current.Token);
                try
                {
                    await ReadAsync(socket, current.Token);
                }
                finally
                {
                    // Before the next connection: two writers would share the commands, and one of them writes to nobody.
                    await current.CancelAsync();
                    await writing;
                }
            }
#pragma warning disable CA1031 // Whatever it was: a new connection is made, and it is said why.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!_stop.IsCancellationRequested)
                {
                    _metrics.SubscriptionsBroken();
                    if (_failures++ == 0)
                    {
                        LogBroken(exception.Message);
                    }
                }
            }
            finally
            {
                _current = null;
                await current.CancelAsync();
                lock (_gate)
                {
                    _connected = false;
                }
            }

            await Task.Delay(Backoff(), _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<SubscriptionSocket> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.RedisDeadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var socket = await SubscriptionSocket.ConnectAsync(
            _endpoints.Primary(_redis), _endpoints.Options(_redis), $"chat-node-{_node.Id}", either.Token);
        string[] channels;
        lock (_gate)
        {
            // What is queued was meant for the old connection; the new one starts from what is wanted now.
            while (_commands.Reader.TryRead(out _))
            {
            }

            channels = [.. _subscriptions.Keys];
            _attempts.Clear();
            foreach (var subscription in _subscriptions.Values)
            {
                subscription.Attempt = NoteSent(subscription.Channel);
            }

            _connected = true;
        }

        try
        {
            if (channels.Length > 0)
            {
                RespWriter.Write(socket.Output, "SUBSCRIBE", channels);
                await socket.Output.FlushAsync(either.Token);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task WriteAsync(SubscriptionSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            while (await _commands.Reader.WaitToReadAsync(cancellationToken))
            {
                while (_commands.Reader.TryRead(out var command))
                {
                    RespWriter.Write(socket.Output, command.Command, command.Channel);
                }

                await socket.Output.FlushAsync(cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The reader sees the same end.
        }
    }

    private async Task ReadAsync(SubscriptionSocket socket, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await socket.Input.ReadAsync(cancellationToken);
            var bytes = read.Buffer;
            while (RespReader.TryRead(ref bytes, out var push))
            {
                Apply(push);
            }

            socket.Input.AdvanceTo(bytes.Start, bytes.End);
            if (read.IsCompleted)
            {
                throw new IOException("The server closed the connection.");
            }
        }
    }

    private void Apply(Push push)
    {
        if (push.Kind == PushKind.Error)
        {
            throw new IOException($"The server refused: {Encoding.UTF8.GetString(push.Payload)}");
        }

        if (push.Kind is PushKind.Other or PushKind.Unsubscribed)
        {
            return;
        }

        // Only now it is known to be let in.
        _failures = 0;
        if (push.Kind == PushKind.Subscribed)
        {
            Confirm(Encoding.UTF8.GetString(push.Channel));
            return;
        }

        if (Find(push.Channel) is { } subscription)
        {
            subscription.Arrived();
            _lanes[(uint)subscription.Channel.GetHashCode(StringComparison.Ordinal) % _lanes.Length].Add(subscription, push.Payload.ToArray());
        }
    }

    // The server answers in the order in which it was asked: what an earlier attempt is told confirms no later one, between which
    // and the answer there may be an UNSUBSCRIBE.
    private void Confirm(string channel)
    {
        ChannelSubscription? subscription;
        lock (_gate)
        {
            if (!_attempts.TryGetValue(channel, out var attempts))
            {
                return;
            }

            attempts.Answered++;
            if (attempts.Answered < attempts.Sent)
            {
                _attempts[channel] = attempts;
            }
            else
            {
                _attempts.Remove(channel);
            }

            if (!_subscriptions.TryGetValue(channel, out subscription) || subscription.Attempt != attempts.Answered)
            {
                return;
            }
        }

        if (!subscription.Confirmed.TrySetResult())
        {
            // Confirmed on a new connection: from here on nothing is missed, and what was before it must be read.
            subscription.Lost();
        }
    }

    // Under the gate.
    private int NoteSent(string channel)
    {
        var attempts = _attempts.GetValueOrDefault(channel);
        attempts.Sent++;
        _attempts[channel] = attempts;
        return attempts.Sent;
    }

    private ChannelSubscription? Find(ReadOnlySequence<byte> channel)
    {
        Span<char> name = stackalloc char[256];
        if (channel.Length > name.Length)
        {
            return null;
        }

        var length = channel.IsSingleSegment
            ? Encoding.UTF8.GetChars(channel.FirstSpan, name)
            : Encoding.UTF8.GetChars(channel.ToArray(), name);
        lock (_gate)
        {
            return _subscriptions.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..length], out var found) ? found : null;
        }
    }

    // Nodes that lost the same server do not come back in step.
    private TimeSpan Backoff() => RetryDelay.After(_failures, _options);

    private sealed class Handle(SubscriptionConnection connection, ChannelSubscription subscription) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            connection.Remove(subscription);
            return ValueTask.CompletedTask;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The subscription connection to Redis is broken: {Reason}")]
    private partial void LogBroken(string reason);
}
