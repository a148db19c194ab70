using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Chat.Lab.Faults;

/// <summary>One connection through a <see cref="FaultProxy"/>: both its sockets, and what is on its way between them.</summary>
#pragma warning disable CA1001 // The source has no timer, and late callers may still use it: there is nothing to release.
internal sealed class FaultTunnel(Socket client, IPEndPoint target, Func<FaultState> state)
#pragma warning restore CA1001
{
    private const int ChunkBytes = 16 * 1024;
    private const int ChunksMax = 16;

    private const int SystemBytes = 64 * 1024;

    private readonly CancellationTokenSource _reset = new();
    private volatile bool _deaf;

    /// <summary>A Redis client has asked for a subscription on it.</summary>
    public bool Subscribes { get; private set; }

    /// <summary>What the target says from now on is swallowed.</summary>
    public void Deafen() => _deaf = true;

    /// <summary>Ends both sides with a reset. What was on its way is gone.</summary>
    public void Reset() => _reset.Cancel();

    /// <summary>Runs until both sides have ended, or either broke, or it is reset.</summary>
    public async Task RunAsync()
    {
        using var server = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = SystemBytes };
        client.NoDelay = true;
        try
        {
            await WaitOpenAsync(Direction.ToTarget);
            await server.ConnectAsync(target, _reset.Token);
            await Task.WhenAll(
                PumpAsync(client, server, Direction.ToTarget), PumpAsync(server, client, Direction.FromTarget));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            client.LingerState = server.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        client.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, Direction direction)
    {
        var chunks = Channel.CreateBounded<Chunk>(new BoundedChannelOptions(ChunksMax) { SingleReader = true, SingleWriter = true });
        try
        {
            await Task.WhenAll(ReadAsync(from, chunks.Writer), WriteAsync(to, chunks.Reader, direction));
        }
        catch
        {
            // One half of one direction is enough to end the tunnel.
            Reset();
            throw;
        }
    }

    private async Task ReadAsync(Socket from, ChannelWriter<Chunk> chunks)
    {
        try
        {
            while (true)
            {
                var bytes = new byte[ChunkBytes];
                var read = await from.ReceiveAsync(bytes.AsMemory(), _reset.Token);
                if (read == 0)
                {
                    return;
                }

                await chunks.WriteAsync(new Chunk(bytes.AsMemory(0, read), TimeProvider.System.GetTimestamp()), _reset.Token);
            }
        }
        catch
        {
            Reset();
            throw;
        }
        finally
        {
            chunks.Complete();
        }
    }

    private async Task WriteAsync(Socket to, ChannelReader<Chunk> chunks, Direction direction)
    {
        try
        {
            await foreach (var chunk in chunks.ReadAllAsync(_reset.Token))
            {
                await WaitDueAsync(chunk);
                await WaitOpenAsync(direction);
                Subscribes |= direction == Direction.ToTarget && chunk.Bytes.Span.IndexOf("SUBSCRIBE"u8) >= 0;
                for (var rest = _deaf && direction == Direction.FromTarget ? default : chunk.Bytes; rest.Length > 0;)
                {
                    rest = rest[await to.SendAsync(rest, _reset.Token)..];
                }
            }

            await WaitOpenAsync(direction);
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            Reset();
            throw;
        }
    }

    private async Task WaitDueAsync(Chunk chunk)
    {
        var now = state();
        var early = now.NextDelay() + now.TimeOf(chunk.Bytes.Length) - (now.Fault == Fault.Throttle ? TimeSpan.Zero : TimeProvider.System.GetElapsedTime(chunk.ReadAt));
        if (early > TimeSpan.Zero)
        {
            await Task.Delay(early, TimeProvider.System, _reset.Token);
        }
    }

    private async Task WaitOpenAsync(Direction direction)
    {
        for (var now = state(); now.Blocks(direction); now = state())
        {
            await now.Changed.WaitAsync(_reset.Token);
        }

        _reset.Token.ThrowIfCancellationRequested();
    }

    private readonly record struct Chunk(ReadOnlyMemory<byte> Bytes, long ReadAt);
}
