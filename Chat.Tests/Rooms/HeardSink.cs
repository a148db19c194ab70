using System.Text;
using Chat.Node.Rooms;

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

    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _text.Append(Encoding.Latin1.GetString(bytes));
            return bytes.Length;
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        TryWrite(bytes.Span);
        return ValueTask.CompletedTask;
    }
}
