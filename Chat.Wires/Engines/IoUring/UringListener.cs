using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Chat.Wires.Engines.Linux;

namespace Chat.Wires.Engines.IoUring;

/// <summary>
/// One request accepts until it is cancelled or fails: io_uring_prep_multishot_accept(3). The limit of descriptors that it goes by is the one that
/// held when it was made; a lower one, set while it goes on, is met with the next.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class UringListener : WireListener, IUringTarget
{
    private readonly UringEngine _engine;
    private readonly Socket _socket;
    private readonly int _descriptor;
    private bool _armed;
    private bool _wanted;
    private bool _cancelling;

    public UringListener(WireLoop loop, UringEngine engine, Socket socket)
        : base(loop)
    {
        (_engine, _socket, _descriptor) = (engine, socket, (int)socket.Handle);
        Address = (IPEndPoint)socket.LocalEndPoint!;
        Libc.SetBlocking(_descriptor, blocking: true);
        engine.Own(_descriptor, this);
        StartAccepting();
    }

    public override IPEndPoint Address { get; }

    public void Completed(TagKind kind, in CompletionEntry completion)
    {
        _armed = completion.More;
        if (completion.Result >= 0)
        {
            Adopt(completion.Result);
        }

        if (_armed)
        {
            return;
        }

        _cancelling = false;
        if (Disposed)
        {
            Release();
        }
        else if (completion.Result < 0 && !Errno.IsOfOneConnection(-completion.Result))
        {
            Rest($"errno {-completion.Result}");
        }
        else if (_wanted)
        {
            Arm();
        }
    }

    public void End() => Dispose();

    private protected override void StartAccepting()
    {
        _wanted = true;
        if (!_armed)
        {
            Arm();
        }
    }

    private protected override void StopAccepting()
    {
        _wanted = false;
        if (_armed && !_cancelling)
        {
            _cancelling = true;
            _engine.Cancel(new Tag(TagKind.Accept, _descriptor));
        }
    }

    private protected override void CloseSocket()
    {
        StopAccepting();
        if (!_armed)
        {
            Release();
        }
    }

    private void Adopt(int descriptor)
    {
        if (Disposed)
        {
            Libc.Close(descriptor);
        }
        else
        {
            Take(_engine.Adopt(descriptor));
        }
    }

    private void Arm()
    {
        _armed = true;
        ref var entry = ref _engine.Ring.Next();
        entry.Operation = Operation.Accept;
        entry.Priority = MultishotFlags.Accept;
        entry.Descriptor = _descriptor;

        // Not O_NONBLOCK: requests on such a socket would fail with EAGAIN instead of waiting (io_uring_enter(2), IORING_OP_RECV and others).
        entry.OperationFlags = Libc.CloseOnExec;
        entry.UserData = new Tag(TagKind.Accept, _descriptor);
    }

    private void Release()
    {
        _engine.Disown(_descriptor);
        _socket.Dispose();
    }
}
