using Chat.Node.Rooms;
using Chat.Wires;

namespace Chat.Tests.Rooms;

/// <summary>A peer that takes everything, and costs nothing.</summary>
internal sealed class HeardNothing : IFrameSink
{
    public int UnsentBytes => 0;

    public bool IsBlocked => false;

    public void Queue(ReadOnlyMemory<byte> bytes, SharedBytes? shared)
    {
    }

    public void SendQueued()
    {
    }

    public int DropQueued() => 0;

    public ValueTask<bool> SentAsync(int unsentMax) => ValueTask.FromResult(true);
}
