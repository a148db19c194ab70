using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Chat.Tests.Support;

namespace Chat.Tests.Backplane.Support;

/// <summary>What lies between one node and Redis. The test cuts it, or holds back what Redis says.</summary>
internal sealed class RedisLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, Socket> _open = new();
    private readonly ConcurrentDictionary<Socket, bool> _subscribers = new();
    private readonly ConcurrentDictionary<Socket, bool> _deaf = new();
    private readonly ConcurrentQueue<string> _said = new();
    private readonly int _redisPort;
    private readonly Task _accepting;
    private volatile bool _cut;
    private volatile TaskCompletionSource _flow = Flowing();

    // The name under which a node's subscription connection introduces itself.
    private static ReadOnlySpan<byte> Listener => "chat-node-"u8;

    public RedisLink(int redisPort)
    {
        _redisPort = redisPort;
        _listener.Start();
        Endpoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    /// <summary>Where the node finds Redis.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Ends all connections, and every new one until the cut is disposed.</summary>
    public IDisposable Cut()
    {
        _cut = true;
        foreach (var (node, redis) in _open)
        {
            node.Dispose();
            redis.Dispose();
        }

        return new Mending(this);
    }

    /// <summary>
    /// Nothing arrives any more on the connection over which the node listens now, and it looks alive. One that the node makes in
    /// its place works.
    /// </summary>
    public void Deafen()
    {
        Assert.NotEmpty(_subscribers);
        foreach (var node in _subscribers.Keys)
        {
            _deaf[node] = true;
        }
    }

    /// <summary>From now on the node's words reach Redis, but not the other way.</summary>
    public void Hold()
    {
        Forget();
        _flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Release() => _flow.TrySetResult();

    /// <summary>What was passed on before counts no more for <see cref="SaidAsync"/>.</summary>
    public void Forget() => _said.Clear();

    /// <summary>Waits until one of these commands, for this room, was passed on while Redis' answers are held back.</summary>
    public Task SaidAsync(string room, params string[] commands) => Within.True(
        10,
        () => Task.FromResult(_said.Any(text =>
            text.Contains(room, StringComparison.Ordinal)
            && commands.Any(command => text.Contains(command, StringComparison.Ordinal)))),
        $"one of {string.Join(", ", commands)} for {room} goes to Redis");

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        using var cut = Cut();
        Release();
        await _accepting;
    }

    private static TaskCompletionSource Flowing()
    {
        var flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        flow.SetResult();
        return flow;
    }

    private async Task AcceptAsync()
    {
        var links = new List<Task>();
        try
        {
            while (true)
            {
                links.Add(JoinAsync(await _listener.AcceptSocketAsync()));
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // Stopped: ObjectDisposedException is one of the latter.
            await Task.WhenAll(links);
        }
    }

    private async Task JoinAsync(Socket node)
    {
        using var near = node;
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        _open[near] = far;
        try
        {
            if (!_cut)
            {
                await far.ConnectAsync(IPAddress.Loopback, _redisPort);
                await Task.WhenAny(PassOnAsync(near, far), HoldBackAsync(far, near));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut, or Redis is gone: the node sees its connection end.
        }
        finally
        {
            _open.TryRemove(near, out _);
            _subscribers.TryRemove(near, out _);
        }
    }

    private async Task PassOnAsync(Socket node, Socket redis)
    {
        var buffer = new byte[64 * 1024];
        while (await ReceiveAsync(node, buffer) is var received and > 0)
        {
            await SendAsync(redis, buffer.AsMemory(0, received));
            if (buffer.AsSpan(0, received).IndexOf(Listener) >= 0)
            {
                _subscribers[node] = true;
            }

            if (!_flow.Task.IsCompleted)
            {
                _said.Enqueue(Encoding.Latin1.GetString(buffer, 0, received));
            }
        }
    }

    private async Task HoldBackAsync(Socket redis, Socket node)
    {
        var held = Channel.CreateUnbounded<byte[]>();
        var reading = ReadAllAsync(redis, held.Writer);
        await foreach (var bytes in held.Reader.ReadAllAsync())
        {
            await _flow.Task;
            if (!_deaf.ContainsKey(node))
            {
                await SendAsync(node, bytes);
            }
        }

        await reading;
    }

    private static async Task ReadAllAsync(Socket from, ChannelWriter<byte[]> into)
    {
        var buffer = new byte[64 * 1024];
        while (await ReceiveAsync(from, buffer) is var received and > 0)
        {
            into.TryWrite(buffer[..received]);
        }

        into.Complete();
    }

    /// <returns>0 at the end, however it came.</returns>
    private static async Task<int> ReceiveAsync(Socket from, byte[] buffer)
    {
        try
        {
            return await from.ReceiveAsync(buffer);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await to.SendAsync(bytes)..];
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The reading side ends the link.
        }
    }

    private sealed class Mending(RedisLink link) : IDisposable
    {
        public void Dispose() => link._cut = false;
    }
}
