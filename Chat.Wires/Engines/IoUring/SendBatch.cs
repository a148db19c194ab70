using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Chat.Wires.Engines.Linux;

namespace Chat.Wires.Engines.IoUring;

/// <summary>
/// The sends of one turn, at most one for each wire, so that none can overtake another of the same wire. MSG_WAITALL makes a short send
/// a failure (io_uring_prep_send(3)), and IOSQE_CQE_SKIP_SUCCESS lets failures alone complete: a fan-out that all take is told by nothing.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class SendBatch(Ring ring, int messagesMax) : IDisposable
{
    private const uint Flags = Libc.DontWait | Libc.NoSignal | Libc.WaitAll;

    private readonly List<UringWire> _sending = [];
    private readonly MessageHeader* _headers = (MessageHeader*)NativeMemory.AllocZeroed((nuint)messagesMax, (nuint)sizeof(MessageHeader));
    private readonly MessagePart* _parts = (MessagePart*)NativeMemory.Alloc((nuint)(messagesMax * LinuxWire.PartsMax), (nuint)sizeof(MessagePart));
    private int _messages;

    public void Prepare(List<Wire> dirty)
    {
        _messages = 0;
        foreach (var wire in CollectionsMarshal.AsSpan(dirty))
        {
            if (!wire.Blocked && wire.CanSend && wire.UnsentBytes > 0)
            {
                Prepare((UringWire)wire);
            }
        }
    }

    /// <summary>After the enter, and after all completions: who has none has sent everything.</summary>
    public void Settle()
    {
        foreach (var wire in CollectionsMarshal.AsSpan(_sending))
        {
            var result = wire.SendResult ?? wire.Sending;
            wire.SendResult = null;
            wire.Settle(result is -Errno.Again or -Errno.Interrupted ? 0 : result < 0 ? Wire.Broken : result, wire.Sending);
        }

        _sending.Clear();
    }

    public void Dispose()
    {
        NativeMemory.Free(_headers);
        NativeMemory.Free(_parts);
    }

    private void Prepare(UringWire wire)
    {
        if (ring.Room == 0 || _messages == messagesMax)
        {
            // What was submitted is done with its headers, and they serve again.
            ring.Submit();
            _messages = 0;
        }

        ref var entry = ref ring.Next();
        if (wire.Outbound.First is { Next: null } only)
        {
            entry.Operation = Operation.Send;
            entry.Address = (ulong)only.Address;
            entry.Length = (uint)only.Length;
            wire.Sending = only.Length;
        }
        else
        {
            var at = _messages++;
            var parts = _parts + (at * LinuxWire.PartsMax);
            _headers[at] = new MessageHeader { Parts = (nint)parts, PartCount = (nuint)wire.ListParts(parts) };
            entry.Operation = Operation.SendMessage;
            entry.Address = (ulong)(_headers + at);
            entry.Length = 1;
            wire.Sending = wire.BytesToHandOver;
        }

        // Whoever waits for the end of the queue must not sleep through it: then success is told as well, and ends the wait.
        entry.Flags = wire.HasWriter || wire.Sending < wire.UnsentBytes ? EntryFlags.None : EntryFlags.SkipSuccess;
        entry.OperationFlags = Flags;
        wire.Name(ref entry, TagKind.Send);
        _sending.Add(wire);
    }
}
