namespace Chat.Wires.Sending;

/// <summary>Segments of a loop for the next sends: a fan-out takes one for each wire, and allocates none.</summary>
internal sealed class SegmentPool
{
    private const int FreeMax = 64 * 1024;

    private Segment? _free;
    private int _count;

    public Segment Rent()
    {
        if (_free is not { } segment)
        {
            return new Segment();
        }

        _count--;
        (_free, segment.Next) = (segment.Next, null);
        return segment;
    }

    public void Return(Segment segment)
    {
        segment.Bytes = null!;
        if (_count < FreeMax)
        {
            _count++;
            (segment.Next, _free) = (_free, segment);
        }
    }
}
