namespace Chat.Wires;

/// <summary>What a failed connect says, and about whom.</summary>
public enum DialFailure
{
    None,

    /// <summary>The peer's host says that nobody is there.</summary>
    Refused,

    /// <summary>Nobody said anything in time: one lost packet does that.</summary>
    Unanswered,

    /// <summary>This machine has no descriptor, port or memory left: it says nothing about the peer.</summary>
    Local,
}

/// <summary>What came of connecting.</summary>
/// <param name="Wire">Null unless it is connected.</param>
public readonly record struct Dialled(Wire? Wire, DialFailure Why);
