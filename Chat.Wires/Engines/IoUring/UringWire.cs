using System.Net;
using System.Runtime.Versioning;
using Chat.Wires.Engines.Linux;

namespace Chat.Wires.Engines.IoUring;

/// <summary>
/// A wire whose receive is one request that goes on (io_uring_prep_recv_multishot(3)) and whose sends go with those of the whole turn.
/// The kernel owns nothing of it but the buffers of the ring: sends are over when the enter that submitted them returns.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class UringWire : LinuxWire, IUringTarget
{
    private readonly UringEngine _engine;
    private readonly EntryFlags _file;
    private Unread _unread = new();
    private int _requests;
    private bool _receiving;
    private bool _pausing;
    private bool _starved;
    private bool _polling;
    private bool _reset;

    /// <summary>What receiving has ended with: <see cref="Wire.NotYet"/> while it has not.</summary>
    private int _end = NotYet;

    public UringWire(WireLoop loop, UringEngine engine, int descriptor)
        : base(loop, descriptor)
    {
        _engine = engine;
        _file = engine.Files.Add(descriptor);
    }

    private protected override bool HasNews => _unread.Bytes > 0 || _end != NotYet;

    /// <summary>Set by the completion of a failed send; without one all was sent.</summary>
    public int? SendResult { get; set; }

    /// <summary>Bytes of the send that is under way.</summary>
    public int Sending { get; set; }

    public void Completed(TagKind kind, in CompletionEntry completion)
    {
        if (kind == TagKind.Send)
        {
            SendResult = completion.Result;
            return;
        }

        _requests -= completion.More ? 0 : 1;
        switch (kind)
        {
            case TagKind.Receive:
                Received(completion);
                break;
            case TagKind.Writable:
                _polling = false;
                Writable();
                break;
            case TagKind.Connect:
                Dialling?.Signal(-completion.Result);
                break;
        }

        if (Disposed && _requests == 0)
        {
            Release();
        }
    }

    /// <summary>Told the outcome of the connect.</summary>
    public DialWait? Dialling { get; set; }

    public void End() => Abort();

    public void Connect(IPEndPoint endpoint, DialWait dialling)
    {
        Dialling = dialling;
        _requests++;
        _engine.PrepareConnect(Descriptor, endpoint);
    }

    /// <summary>Says how requests name this wire's socket.</summary>
    public void Name(ref SubmissionEntry entry, TagKind kind)
    {
        entry.Descriptor = Descriptor;
        entry.Flags |= _file;
        entry.UserData = new Tag(kind, Descriptor);
    }

    /// <summary>There are buffers again.</summary>
    public void Feed()
    {
        _starved = false;
        if (!Disposed && HasReader)
        {
            WantNews();
        }
    }

    /// <summary>Others need them, and nobody reads.</summary>
    public void GiveBuffersBack()
    {
        if (_unread.Bytes > 0 && !HasReader)
        {
            _unread.Move(_engine.Buffers);
        }
    }

    internal override void WantNews()
    {
        if (_receiving || _starved || _end != NotYet || Disposed || _unread.Bytes > 0)
        {
            return;
        }

        _receiving = true;
        _requests++;
        ref var entry = ref _engine.Ring.Next();
        entry.Operation = Operation.Receive;
        entry.Flags = EntryFlags.BufferSelect;
        entry.Priority = MultishotFlags.Receive;
        entry.BufferGroup = BufferRing.Group;
        Name(ref entry, TagKind.Receive);
    }

    private protected override int ReceiveNow(Span<byte> buffer)
    {
        if (_unread.Bytes == 0)
        {
            return _end;
        }

        if (Loop.Options.DelaysAcks)
        {
            // For the next bytes: the kernel has taken these by itself.
            Libc.DelayAcks(Descriptor);
        }

        return _unread.Read(_engine.Buffers, buffer);
    }

    private protected override void WantWritable()
    {
        if (_polling || Disposed)
        {
            return;
        }

        _polling = true;
        _requests++;
        ref var entry = ref _engine.Ring.Next();
        entry.Operation = Operation.PollAdd;
        entry.OperationFlags = PollMode.Out;
        Name(ref entry, TagKind.Writable);
    }

    private protected override void CloseSocket(bool reset)
    {
        _reset = reset;
        _unread.Clear(_engine.Buffers);
        if (_requests == 0)
        {
            Release();
            return;
        }

        CancelIf(_receiving && !_pausing, TagKind.Receive);
        CancelIf(_polling, TagKind.Writable);
        CancelIf(Dialling is not null, TagKind.Connect);
    }

    private void Received(in CompletionEntry completion)
    {
        _receiving = completion.More;
        _pausing &= completion.More;
        if (completion.HasBuffer)
        {
            _unread.Add(_engine.Buffers, completion.Buffer, Math.Max(0, completion.Result));
        }

        if (Disposed)
        {
            _unread.Clear(_engine.Buffers);
            return;
        }

        switch (completion.Result)
        {
            case > 0 or -Errno.Cancelled or -Errno.Interrupted:
                break;
            case -Errno.NoBuffers:
                _starved = true;
                _engine.Starve(this);
                break;
            default:
                _end = completion.Result == 0 ? Ended : Broken;
                break;
        }

        Restrain();
        Readable();
    }

    /// <summary>Who does not read must not fill the loop's buffers: the kernel is told to stop, and what is here moves out when they get short.</summary>
    private void Restrain()
    {
        if (HasReader && _unread.Bytes < Loop.Options.UnreadBytesMax)
        {
            return;
        }

        if (_receiving && !_pausing && _unread.Bytes >= Loop.Options.UnreadBytesMax)
        {
            _pausing = true;
            _engine.Cancel(new Tag(TagKind.Receive, Descriptor));
        }

        if (_engine.Buffers.IsLow)
        {
            GiveBuffersBack();
        }
    }

    private void CancelIf(bool underWay, TagKind kind)
    {
        if (underWay)
        {
            _engine.Cancel(new Tag(kind, Descriptor));
        }
    }

    /// <summary>No request is under way: the number may be given to another socket.</summary>
    private void Release()
    {
        _engine.Disown(Descriptor);
        if (_file == EntryFlags.FixedFile)
        {
            _engine.Files.Remove(Descriptor);
        }

        if (_reset)
        {
            Libc.ResetOnClose(Descriptor);
        }

        Libc.Close(Descriptor);
    }
}
