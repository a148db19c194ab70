using System.Net;
using System.Runtime.Versioning;
using Chat.Wires.Sending;

namespace Chat.Wires.Engines.Linux;

/// <summary>What wires on Linux share: a plain descriptor, which is closed once, and sends that never wait.</summary>
[SupportedOSPlatform("linux")]
internal abstract unsafe class LinuxWire(WireLoop loop, int descriptor) : Wire(loop)
{
    /// <summary>Pieces of one send: a fan-out has one, a turn's answers few.</summary>
    public const int PartsMax = 8;

    private IPEndPoint? _remote;

    public int Descriptor => descriptor;

    public override IPEndPoint? RemoteEndPoint => _remote ??= Disposed ? null : Libc.PeerOf(descriptor);

    /// <summary>Lists the head of what is queued.</summary>
    /// <param name="parts">Room for <see cref="PartsMax"/>.</param>
    public int ListParts(MessagePart* parts)
    {
        var count = 0;
        for (var segment = Outbound.First; segment is not null && count < PartsMax; segment = segment.Next)
        {
            parts[count++] = new MessagePart { Start = segment.Address, Bytes = (nuint)segment.Length };
        }

        return count;
    }

    private protected override int BytesOfOneSend
    {
        get
        {
            int bytes = 0, count = 0;
            for (var segment = Outbound.First; segment is not null && count < PartsMax; segment = segment.Next, count++)
            {
                bytes += segment.Length;
            }

            return bytes;
        }
    }

    public int BytesToHandOver => BytesOfOneSend;

    private protected override int SendNow(ReadOnlySpan<byte> bytes) => Outcome(Libc.Send(descriptor, bytes));

    private protected override int SendQueuedNow()
    {
        if (Outbound.First is { Next: null } only)
        {
            return SendNow(only.Unsent);
        }

        var parts = stackalloc MessagePart[PartsMax];
        var count = ListParts(parts);
        return Outcome(Libc.SendMessage(descriptor, new MessageHeader { Parts = (nint)parts, PartCount = (nuint)count }));
    }

    private protected override void ShutdownSending() => Libc.ShutdownWrite(descriptor);

    /// <summary>The kernel's word for a send in the wire's.</summary>
    protected static int Outcome(int result) => result is -Errno.Again or -Errno.Interrupted ? 0 : result < 0 ? Broken : result;
}
