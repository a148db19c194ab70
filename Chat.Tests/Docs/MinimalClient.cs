using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

/// <summary>One user in one room. Shows every message once, in order; sends again what is not known to be stored.</summary>
internal sealed class MinimalClient(Uri url, Func<Task<string>> token, string room, Action<JsonNode> show) : IDisposable
{
    private readonly ConcurrentQueue<(string Id, string Text)> _outbox = new();
    private readonly SemaphoreSlim _writing = new(1);
    private ClientWebSocket? _socket;
    private string? _epoch;
    private long _offset;
    private bool _joined;
    private double _silenceSeconds = 30;

    /// <summary>Queues a text. Of all that wait, the first is on its way; the next goes when that one is acked.</summary>
    public async Task SendAsync(string text)
    {
        var message = (Guid.NewGuid().ToString("N"), text);
        _outbox.Enqueue(message);
        if (_joined && _outbox.TryPeek(out var first) && first == message)
        {
            await SendFirstAsync();
        }
    }

    /// <summary>Stays connected until cancelled.</summary>
    /// <exception cref="InvalidOperationException">Closed with a code that says: do not come back.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var failures = 0; ; failures++)
        {
            var start = Stopwatch.GetTimestamp();
            var code = await ConnectAsync(stop);
            if (code is >= 4500 and <= 4999)
            {
                throw new InvalidOperationException($"Closed with {code}: coming back would not help.");
            }

            // Full jitter: anywhere between zero and the limit. The limit doubles, and is capped before the jitter.
            failures = Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(1) ? 0 : failures;
            var limit = Math.Min(10_000, 250 * Math.Pow(2, failures));
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * limit), TimeProvider.System, stop);
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _writing.Dispose();
    }

    private async Task<int> ConnectAsync(CancellationToken stop)
    {
        using var socket = _socket = new ClientWebSocket();
        try
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {await token()}");
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(TimeSpan.FromSeconds(10));
            await socket.ConnectAsync(url, patience.Token);
            while (await ReadAsync(socket, stop) is { } frame)
            {
                await HandleAsync(frame, stop);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stop);
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException || (exception is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Unreachable, broken or silent: the loop comes back.
        }

        _joined = false;
        return (int?)socket.CloseStatus ?? 0;
    }

    private async Task HandleAsync(JsonNode frame, CancellationToken stop)
    {
        switch ((string?)frame["type"])
        {
            case "hello":
                _silenceSeconds = (double)frame["pingSeconds"]! + 10;
                await JoinAsync();
                break;
            case "ping":
                await WriteAsync(new JsonObject { ["type"] = "pong" });
                break;
            case "joined":
                // Everything behind our position, or (recovered: false) the newest messages and a gap before them.
                (_epoch, _offset, _joined) = ((string)frame["epoch"]!, (long)frame["offset"]!, true);
                show(frame);
                await SendFirstAsync();
                break;
            case "message" when _joined && ((string)frame["epoch"]! != _epoch || (long)frame["offset"]! > _offset + 1):
                await JoinAsync();
                break;
            case "message" when _joined && (long)frame["offset"]! == _offset + 1:
                _offset++;
                show(frame);
                break;
            case "ack" when _outbox.TryPeek(out var first) && first.Id == (string?)frame["id"]:
                _outbox.TryDequeue(out _);
                await SendFirstAsync();
                break;
            case "nack" when _outbox.TryPeek(out var first) && first.Id == (string?)frame["id"]:
                if ((bool)frame["retryable"]!)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds((double?)frame["retryAfterMs"] ?? 1000), TimeProvider.System, stop);
                }
                else
                {
                    _outbox.TryDequeue(out _);
                    show(frame);
                }

                await SendFirstAsync();
                break;
            case "error" when (string?)frame["code"] is "unavailable" or "rate_limited":
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
                await JoinAsync();
                break;
            case "error":
                show(frame);
                break;
        }
    }

    private Task JoinAsync()
    {
        _joined = false;
        var after = _epoch is null ? null : new JsonObject { ["epoch"] = _epoch, ["offset"] = _offset };
        return WriteAsync(new JsonObject { ["type"] = "join", ["room"] = room, ["after"] = after });
    }

    private Task SendFirstAsync() => _joined && _outbox.TryPeek(out var first)
        ? WriteAsync(new JsonObject { ["type"] = "send", ["room"] = room, ["id"] = first.Id, ["text"] = first.Text })
        : Task.CompletedTask;

    private async Task WriteAsync(JsonObject frame)
    {
        await _writing.WaitAsync();
        try
        {
            await _socket!.SendAsync(System.Text.Encoding.UTF8.GetBytes(frame.ToJsonString()), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Broken: the reader notices as well, and what was not acked is sent again.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <returns>The next frame; null when the node closes.</returns>
    private async Task<JsonNode?> ReadAsync(ClientWebSocket socket, CancellationToken stop)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stop);
        silence.CancelAfter(TimeSpan.FromSeconds(_silenceSeconds));
        var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, silence.Token);
            message.Write(buffer, 0, part.Count);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (part.EndOfMessage)
            {
                return JsonNode.Parse(message.ToArray());
            }
        }
    }
}
