using System.Text;
using Chat.Node.Rooms;
using Chat.Wires;

namespace Chat.Tests.Rooms;

/// <summary>A peer that takes everything and keeps it.</summary>
internal sealed class HeardSink : IFrameSink
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return _text.ToString();
            }
        }
    }

    public int UnsentBytes => 0;

    public bool IsBlocked => false;

    public void Queue(ReadOnlyMemory<byte> bytes, SharedBytes? shared)
    {
        lock (_gate)
        {
            _text.Append(Encoding.Latin1.GetString(bytes.Span));
        }
    }

    public void SendQueued()
    {
    }

    public int DropQueued() => 0;

    public ValueTask<bool> SentAsync(int unsentMax) => ValueTask.FromResult(true);
}
