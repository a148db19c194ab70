using System.Text.Json.Nodes;
using System.Threading.Channels;
using Chat.Client;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Tests.Client.Scenarios;

/// <summary>
/// A connection without a network: the node's side is played by a test. What the client does when a frame comes is done when
/// <see cref="Say"/> returns.
/// </summary>
internal sealed class ScriptedSocket(Action<ScriptedSocket> attempt) : IFrameSocket
{
    private readonly TaskCompletionSource _connected = new();
    private readonly Channel<string?> _said = Channel.CreateUnbounded<string?>(new UnboundedChannelOptions { AllowSynchronousContinuations = true });

    public int? CloseCode { get; private set; }

    public string Token { get; private set; } = "";

    /// <summary>The client has ended it, or the node.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Frames of the client that nobody has looked at yet.</summary>
    public List<JsonObject> Heard { get; } = [];

    public Task ConnectAsync(Uri url, string token, CancellationToken cancellationToken)
    {
        Token = token;
        attempt(this);
        cancellationToken.UnsafeRegister(_ => _connected.TrySetCanceled(cancellationToken), null);
        return _connected.Task;
    }

    public void Accept() => _connected.TrySetResult();

    public void Refuse(Exception exception)
    {
        IsClosed = true;
        _connected.TrySetException(exception);
    }

    public void Say(JsonNode frame) => _said.Writer.TryWrite(frame.ToJsonString());

    /// <param name="code">Null: it just breaks.</param>
    public void End(int? code)
    {
        (CloseCode, IsClosed) = (code, true);
        _said.Writer.TryWrite(null);
    }

    public void Send(ClientFrame frame)
    {
        if (!IsClosed)
        {
            Heard.Add(JsonNode.Parse(FrameCodec.Encode(frame))!.AsObject());
        }
    }

    public async Task<ServerFrame?> ReadAsync(int bytesMax, CancellationToken cancellationToken)
    {
        while (await _said.Reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } said)
        {
            if (FrameCodec.DecodeServer(System.Text.Encoding.UTF8.GetBytes(said), out _) is { } frame)
            {
                return frame;
            }
        }

        return null;
    }

    public Task CloseAsync(TimeSpan timeout, TimeProvider time)
    {
        IsClosed = true;
        _said.Writer.TryWrite(null);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
