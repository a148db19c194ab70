using System.Net;
using Chat.Wires.Engines.Memory;

namespace Chat.Wires.Engines.IoUring;

/// <summary>Addresses to connect to, until they are submitted: the kernel has copied them by then (IORING_FEAT_SUBMIT_STABLE, io_uring_setup(2)).</summary>
internal sealed class ConnectAddresses : IDisposable
{
    private readonly List<NativeBlock> _blocks = [];

    public (ulong Address, ulong Bytes) Add(IPEndPoint endpoint)
    {
        var address = endpoint.Serialize();
        var block = new NativeBlock(address.Size);
        address.Buffer.Span[..address.Size].CopyTo(block.Span);
        _blocks.Add(block);
        return ((ulong)block.Address, (ulong)address.Size);
    }

    public void Submitted()
    {
        foreach (var block in _blocks)
        {
            block.Dispose();
        }

        _blocks.Clear();
    }

    public void Dispose() => Submitted();
}
