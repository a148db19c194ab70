using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Chat.Wires.Engines.Linux;

namespace Chat.Wires.Engines.IoUring;

/// <summary>io_uring(7): one system call a turn hands over everything that was gathered, and brings everything that has come.</summary>
/// <remarks>
/// Memory and the kernel. Receives go to <see cref="BufferRing"/>, which lives until the ring is closed. A send names queued bytes and has
/// MSG_DONTWAIT, so it is tried once, inside the enter that submits it, and never waits for the socket or goes to a worker: when that enter returns,
/// the bytes are in the socket or the completion says how many are not, and nothing of ours is the kernel's any more. A wait for a slow peer is
/// a poll, which has no memory. A test overwrites what was sent as soon as the enter returns.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class UringEngine : IEngine
{
    /// <summary>Receives that go on have no place in the submission queue: there may be more completions than requests.</summary>
    private const int CompletionsPerEntry = 4;

    private readonly WireLoop _loop;
    private readonly Descriptors<IUringTarget> _targets = new();
    private readonly List<UringWire> _starved = [];
    private readonly SendBatch _sends;
    private readonly ConnectAddresses _addresses = new();
    private readonly int _waker;

    /// <exception cref="Win32Exception">No descriptor or memory left.</exception>
    public UringEngine(WireLoop loop)
    {
        var options = loop.Options;
        _loop = loop;
        Ring = new Ring(options.SubmissionsMax, CompletionsPerEntry);
        Buffers = new BufferRing(Ring, options.ReceiveBuffers, options.ReceiveBufferBytes);
        Files = new FileTable(Ring, options.RegisteredFilesMax);
        _sends = new SendBatch(Ring, options.SubmissionsMax);
        _waker = Libc.CreateEvent();
        if (_waker < 0)
        {
            throw new Win32Exception(-_waker);
        }

        WatchWaker();
    }

    public Ring Ring { get; }

    public BufferRing Buffers { get; }

    public FileTable Files { get; }

    public bool IsIdle => _targets.Count == 0;

    public int BuffersHeld => Buffers.Held;

    public void Turn(int timeoutMilliseconds)
    {
        FeedStarved();
        _sends.Prepare(_loop.Dirty.Take());
        Ring.SubmitAndWait(_loop.Dirty.IsEmpty ? timeoutMilliseconds : 0);
        _addresses.Submitted();
        Reap();
        while (Ring.HasOverflowed)
        {
            // A failed send among them must be known before the others are taken for sent.
            Ring.Collect();
            Reap();
        }

        _sends.Settle();
    }

    public void Wake() => Libc.Notify(_waker);

    public Wire Attach(Socket connected) => Adopt(Libc.TakeOver(connected, nonBlocking: false));

    public WireListener Listen(Socket listening) => new UringListener(_loop, this, listening);

    public async ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout)
    {
        var descriptor = Libc.CreateSocket(endpoint.AddressFamily, Libc.CloseOnExec, _loop.Options.DialBufferBytes);
        if (descriptor < 0)
        {
            return new Dialled(null, DialFailure.Local);
        }

        var wire = Adopt(descriptor);
        var dialling = new DialWait(_loop);
        wire.Connect(endpoint, dialling);
        var error = await dialling.WaitAsync(timeout);
        if (error == 0 && !wire.Disposed)
        {
            wire.Dialling = null;
            return new Dialled(wire, DialFailure.None);
        }

        wire.Abort();
        return new Dialled(null, Errno.Explain(error));
    }

    public void CloseAll()
    {
        foreach (var target in _targets.All())
        {
            target.End();
        }
    }

    public void Dispose()
    {
        Ring.Dispose();
        Buffers.Dispose();
        _sends.Dispose();
        _addresses.Dispose();
        Libc.Close(_waker);
    }

    public UringWire Adopt(int descriptor)
    {
        var wire = new UringWire(_loop, this, descriptor);
        Own(descriptor, wire);
        return wire;
    }

    public void Own(int descriptor, IUringTarget target) => _targets.Add(descriptor, target);

    public void Disown(int descriptor) => _targets.Remove(descriptor);

    /// <summary>Its receive ended for want of a buffer: it goes on when there is one.</summary>
    public void Starve(UringWire wire) => _starved.Add(wire);

    public void PrepareConnect(int descriptor, IPEndPoint endpoint)
    {
        ref var entry = ref Ring.Next();
        entry.Operation = Operation.Connect;
        entry.Descriptor = descriptor;
        (entry.Address, entry.Offset) = _addresses.Add(endpoint);
        entry.UserData = new Tag(TagKind.Connect, descriptor);
    }

    /// <summary>io_uring_prep_cancel(3). Its own success is not told; that of what it ends is.</summary>
    public void Cancel(Tag tag)
    {
        ref var entry = ref Ring.Next();
        entry.Operation = Operation.AsyncCancel;
        entry.Flags = EntryFlags.SkipSuccess;
        entry.Address = tag;
        entry.UserData = new Tag(TagKind.Nobody, 0);
    }

    private void Reap()
    {
        while (Ring.TryTake(out var completion))
        {
            var tag = Tag.Of(completion.UserData);
            if (tag.Kind != TagKind.Nobody)
            {
                _targets[tag.Descriptor]!.Completed(tag.Kind, completion);
            }
            else if (tag.Descriptor == _waker && !completion.More)
            {
                WatchWaker();
            }
        }
    }

    private void FeedStarved()
    {
        if (_starved.Count == 0)
        {
            return;
        }

        if (Buffers.IsLow)
        {
            Reclaim();
        }

        if (!Buffers.IsLow)
        {
            foreach (var wire in _starved)
            {
                wire.Feed();
            }

            _starved.Clear();
        }
    }

    /// <summary>Takes the buffers back from those who do not read. Who does will give them back in this turn.</summary>
    private void Reclaim()
    {
        foreach (var target in _targets.All())
        {
            (target as UringWire)?.GiveBuffersBack();
        }
    }

    /// <summary>io_uring_prep_poll_multishot(3): each write to the event is news, though nobody reads it.</summary>
    private void WatchWaker()
    {
        ref var entry = ref Ring.Next();
        entry.Operation = Operation.PollAdd;
        entry.Descriptor = _waker;
        entry.Length = PollMode.Multishot;
        entry.OperationFlags = PollMode.In;
        entry.UserData = new Tag(TagKind.Nobody, _waker);
    }
}
