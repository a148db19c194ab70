namespace Chat.Client;

/// <summary>Where a room stands on the present connection.</summary>
internal enum JoinPhase
{
    Out,

    /// <summary>The node has been asked and has not answered.</summary>
    Asked,
    In,
}

/// <summary>What a room waits for on the present connection. Under the session's gate.</summary>
internal sealed class RoomLink
{
    public JoinPhase Phase { get; set; }

    /// <summary>Not to be asked for again before this.</summary>
    public TimeSpan JoinDue { get; set; }

    public int JoinTries { get; set; }

    /// <summary>The message that was sent and got no answer yet.</summary>
    public OutboxEntry? OnItsWay { get; set; }

    /// <summary>When its ack is late.</summary>
    public TimeSpan AckDue { get; set; }

    /// <summary>Nothing is to be sent before this: the node said so.</summary>
    public TimeSpan SendDue { get; set; }

    /// <summary>Up to where the user says it was read; -1 for nothing said.</summary>
    public long Read { get; set; } = -1;

    /// <summary>Up to where the node was told, or has told; -1 for nothing.</summary>
    public long ReadTold { get; set; } = -1;

    /// <summary>The node is not told of typing before this.</summary>
    public TimeSpan TypingDue { get; set; }

    /// <summary>That events of the room were dropped stands in the log.</summary>
    public bool DropIsTold { get; set; }

    public Queue<HistoryRequest> History { get; } = new();

    /// <summary>The connection is gone, and all that was on its way.</summary>
    public void Disconnect()
    {
        (Phase, JoinDue, JoinTries) = (JoinPhase.Out, TimeSpan.Zero, 0);
        (OnItsWay, SendDue) = (null, TimeSpan.Zero);
        ReadTold = -1;
        if (History.TryPeek(out var first))
        {
            first.IsOnItsWay = false;
        }
    }
}
