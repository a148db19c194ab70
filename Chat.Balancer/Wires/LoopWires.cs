using System.Net;
using System.Net.Sockets;
using Chat.Wires;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Wires;

/// <summary>Wires on a few loops. Both wires of a tunnel are on the same one.</summary>
internal sealed class LoopWires(IOptions<BalancerOptions> options, TimeProvider clock, ILogger<LoopWires> logger) : IWireFactory, IDisposable
{
    private readonly WireLoops _loops = WireLoops.Start(
        new WireOptions { Engine = WireEngineNames.Find(options.Value.Engine)!.Value, Loops = options.Value.LoopsMax, DelaysAcks = true, DialBufferBytes = options.Value.SocketBufferBytes }, clock, logger);

    public WireLoop Next() => _loops.Next();

    public Wire Attach(WireLoop loop, Socket accepted) => new LoopWire(loop.Attach(accepted));

    public async ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, Wire near, TimeSpan timeout)
    {
        var (wire, why) = await near.Loop.ConnectAsync(endpoint, timeout);
        return new Dialled(wire is null ? null : new LoopWire(wire), why);
    }

    public void Dispose() => _loops.Dispose();
}
