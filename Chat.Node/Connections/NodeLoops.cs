using Chat.Wires;
using Microsoft.Extensions.Options;

namespace Chat.Node.Connections;

/// <summary>The loops that carry this node's connections: each connection lives on one of them from accept to close.</summary>
internal sealed class NodeLoops(IOptions<NodeOptions> options, TimeProvider time, ILogger<NodeLoops> logger) : IDisposable
{
    /// <summary>What waits for a peer is bounded by the connection, in <see cref="NodeOptions.OutboundBytesMax"/>: an answer to a join may be larger.</summary>
    private const int BoundedElsewhere = int.MaxValue;

    private readonly WireLoops _loops = WireLoops.Start(
        new WireOptions
        {
            Engine = WireEngineNames.Find(options.Value.Engine)!.Value,
            Loops = options.Value.LoopsMax,
            UnsentBytesMax = BoundedElsewhere,

            // Clients send little at a time: a megabyte for each loop, of which most is never touched.
            ReceiveBuffers = 512,
            ReceiveBufferBytes = 2048,
        },
        time,
        logger);

    public IReadOnlyList<WireLoop> All => _loops.All;

    /// <summary>By turns, for who is not on one yet.</summary>
    public WireLoop Next() => _loops.Next();

    public void Dispose() => _loops.Dispose();
}
