namespace Chat.Wires.Sending;

/// <summary>Some bytes that wait in one wire. Kept by the loop for the next when sent.</summary>
internal sealed class Segment
{
    /// <summary>Held by this segment.</summary>
    public SharedBytes Bytes { get; set; } = null!;

    /// <summary>Sent already.</summary>
    public int Start { get; set; }

    /// <summary>Made by this wire alone: what is sent next may be appended.</summary>
    public bool Own { get; set; }

    public Segment? Next { get; set; }

    public int Length => Bytes.Length - Start;

    public ReadOnlySpan<byte> Unsent => Bytes.Span[Start..];

    public nint Address => Bytes.Block.Address + Start;
}
