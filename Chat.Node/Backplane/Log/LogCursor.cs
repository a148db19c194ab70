using Chat.Protocol;

namespace Chat.Node.Backplane.Log;

/// <summary>What to do with a publication, by where it stands in the log.</summary>
internal enum Verdict
{
    /// <summary>It is the next one.</summary>
    Deliver,

    /// <summary>It was delivered before.</summary>
    Drop,

    /// <summary>Something before it is missing: read the log first.</summary>
    Repair,
}

/// <summary>The last position of a room that this node has delivered. Not safe for several threads.</summary>
internal sealed class LogCursor
{
    /// <summary>Null until the log was read for the first time.</summary>
    public Position? Last { get; private set; }

    /// <summary>Judges a publication, and counts it as delivered if it is to be.</summary>
    public Verdict Judge(Position position)
    {
        if (Last is null || position.Epoch != Last.Epoch)
        {
            // Of another log: one that has begun, or one that is gone and whose publications come late. The log itself says which.
            return Verdict.Repair;
        }

        if (position.Offset <= Last.Offset)
        {
            return Verdict.Drop;
        }

        return position.Offset == Last.Offset + 1 ? Advance(position) : Verdict.Repair;
    }

    /// <summary>Goes on from here, whatever was before: after a read that could not recover everything.</summary>
    public void Reset(Position position) => Last = position;

    private Verdict Advance(Position position)
    {
        Last = position;
        return Verdict.Deliver;
    }
}
