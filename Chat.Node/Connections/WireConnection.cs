using System.IO.Pipelines;
using System.Net;
using Chat.Wires;
using Microsoft.AspNetCore.Connections;

namespace Chat.Node.Connections;

/// <summary>
/// A connection that is the HTTP server's: a wire of ours, as the server wants one. What was read to find that out is the first it gets.
/// The wire's side runs on its loop, the server's in the pool, and two pipes are between them.
/// </summary>
internal sealed class WireConnection : DefaultConnectionContext
{
    private const int ReceiveBytes = 4096;

    private readonly Wire _wire;
    private readonly Pipe _input = new(new PipeOptions(useSynchronizationContext: true));
    private readonly Pipe _output = new(new PipeOptions(useSynchronizationContext: true));
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WireConnection(Wire wire, IPEndPoint local)
        : base(Guid.NewGuid().ToString("N"))
    {
        _wire = wire;
        Transport = new Duplex(_input.Reader, _output.Writer);
        ConnectionClosed = _closed.Token;
        (LocalEndPoint, RemoteEndPoint) = (local, wire.RemoteEndPoint);
    }

    /// <summary>On the wire's loop, to its end.</summary>
    /// <param name="first">Received already.</param>
    public async Task RunAsync(byte[] first)
    {
        var sending = SendAsync();
        var receiving = ReceiveAsync(first);
        await sending;

        // The server has said all, or the peer takes no more: what the peer still says is nobody's.
        _wire.StopReceiving();
        await receiving;
        await WireTransport.CloseAsync(_wire);
        _ended.SetResult();
    }

    public override void Abort(ConnectionAbortedException abortReason) =>
        _wire.Loop.TryPost(static wire => ((Wire)wire!).Abort(), _wire);

    /// <summary>The server is done with it.</summary>
    public override async ValueTask DisposeAsync()
    {
        await _input.Reader.CompleteAsync();
        await _output.Writer.CompleteAsync();
        await _ended.Task;
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync(byte[] first)
    {
        var writer = _input.Writer;
        var received = first.Length;
        var flushed = await writer.WriteAsync(first);
        while (!flushed.IsCompleted)
        {
            await _wire.ReadableAsync();
            received = _wire.TryReceive(writer.GetSpan(ReceiveBytes));
            if (received is Wire.Ended or Wire.Broken or Wire.Stopped)
            {
                break;
            }

            if (received > 0)
            {
                writer.Advance(received);
                flushed = await writer.FlushAsync();
            }
        }

        await writer.CompleteAsync(received == Wire.Broken ? new ConnectionResetException("The peer reset the connection.") : null);

        // Not on the loop: the server does as it likes then.
        ThreadPool.UnsafeQueueUserWorkItem(static closed => ((CancellationTokenSource)closed!).Cancel(), _closed);
    }

    private async Task SendAsync()
    {
        var reader = _output.Reader;
        var there = true;
        while (there)
        {
            var read = await reader.ReadAsync();
            foreach (var part in read.Buffer)
            {
                there = there && await _wire.SendAsync(part);
            }

            reader.AdvanceTo(read.Buffer.End);
            there &= !read.IsCompleted;
        }

        await reader.CompleteAsync();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
