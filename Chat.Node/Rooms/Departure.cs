namespace Chat.Node.Rooms;

/// <summary>How a membership ends.</summary>
internal enum Departure
{
    /// <summary>The user is gone from here at once.</summary>
    Left,

    /// <summary>The connection is gone, and may be on its way back: the others see nothing of it for a while.</summary>
    Lost,

    /// <summary>Another membership of the same connection takes its place.</summary>
    Rejoins,
}
