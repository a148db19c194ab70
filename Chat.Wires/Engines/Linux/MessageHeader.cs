using System.Runtime.InteropServices;

namespace Chat.Wires.Engines.Linux;

/// <summary>struct msghdr, sendmsg(2), as 64-bit Linux lays it out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageHeader
{
    public nint Name;
    public uint NameBytes;
    public nint Parts;
    public nuint PartCount;
    public nint Control;
    public nuint ControlBytes;
    public int Flags;
}

/// <summary>struct iovec, iovec(3type).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessagePart
{
    public nint Start;
    public nuint Bytes;
}
