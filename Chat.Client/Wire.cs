using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>What the parts of a session share: the connection of the moment, what its node has said of itself, and the time. Under the session's gate.</summary>
internal sealed class Wire(ChatClientOptions options, Alarm alarm)
{
    private IFrameSocket? _socket;

    public ChatClientOptions Options => options;

    public Alarm Alarm => alarm;

    public TimeSpan Now => alarm.Now;

    public bool IsOpen => _socket is not null;

    /// <summary>What the node accepts; null before the first connection.</summary>
    public Limits? Limits { get; private set; }

    /// <summary>Who one is, by the node's word; null before the first connection.</summary>
    public string? User { get; private set; }

    public void Open(HelloFrame hello, IFrameSocket socket) => (_socket, Limits, User) = (socket, hello.Limits, hello.User);

    public void Close() => _socket = null;

    public void Send(ClientFrame frame) => _socket?.Send(frame);

    /// <summary>Somewhere between once and twice this long, so that many who wait for the same do not come back in step.</summary>
    public TimeSpan Spread(TimeSpan wait) => wait * (1 + options.Random());
}
