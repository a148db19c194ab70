using System.Net.WebSockets;
using System.Threading.Channels;
using Chat.Client;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Client;

/// <summary>Plays the node's part word by word, one connection at a time, for what no real node says on demand.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    public const string Epoch = "epoch";

    private readonly Channel<ClientFrame> _heard = Channel.CreateUnbounded<ClientFrame>();
    private readonly WebApplication _app;
    private WebSocket? _socket;

    private ScriptedNode(WebApplication app) => _app = app;

    public static async Task<ScriptedNode> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseWebSockets();
        var node = new ScriptedNode(app);
        app.Map("/ws", node.ServeAsync);
        await app.StartAsync();
        return node;
    }

    public ChatClient Connect() => new(new ChatClientOptions
    {
        Url = new Uri(_app.Urls.First()),
        Token = _ => Task.FromResult("token"),
        BackoffMin = TimeSpan.FromMilliseconds(1),
        BackoffMax = TimeSpan.FromMilliseconds(20),
    });

    public Task SayAsync(ServerFrame frame) =>
        _socket!.SendAsync(FrameCodec.Encode(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>The next frame of the client, which has to be of this kind.</summary>
    public async Task<T> HearAsync<T>()
        where T : ClientFrame =>
        Assert.IsType<T>(await Within.Seconds(10, token => _heard.Reader.ReadAsync(token).AsTask(), $"the client says {typeof(T).Name}"));

    /// <summary>Whether the client has said something that nobody has heard yet.</summary>
    public bool HasHeard => _heard.Reader.Count > 0;

    public Task SayMessageAsync(string room, long offset, string epoch = Epoch) => SayAsync(Message(room, offset, epoch));

    public static MessageFrame Message(string room, long offset, string epoch = Epoch) =>
        new(room, epoch, offset, $"id{offset}", "ada", $"text{offset}", "2026-01-01T00:00:00.000Z", "n0");

    /// <summary>Ends the connection without a word.</summary>
    public void Cut() => _socket!.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket?.Abort();
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        _socket = socket;
        await SayAsync(new HelloFrame(FrameCodec.ProtocolVersion, "n0", "c0", "bob", 15, new Limits(1 << 14, 1 << 12, 100)));
        var buffer = new byte[1 << 16];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: WebSocketMessageType.Text } read)
            {
                _heard.Writer.TryWrite(FrameCodec.DecodeClient(buffer.AsSpan(0, read.Count), out _)!);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // Cut, by the test or by the client.
        }
    }
}
