namespace Chat.Protocol;

/// <summary>Why a connection was closed. 4000–4499 come back, 4500–4999 do not.</summary>
public enum CloseCode
{
    Normal = 1000,
    GoingAway = 1001,

    /// <summary>The node leaves; reconnect within the time of the <c>drain</c> frame.</summary>
    Drain = 4000,

    /// <summary>The peer's queue was full. Nothing is lost: resume.</summary>
    SlowConsumer = 4001,

    /// <summary>A ping was not answered in time.</summary>
    NoPong = 4002,

    TokenExpired = 4003,

    /// <summary>Moved to even out the load.</summary>
    Rebalanced = 4004,

    BadToken = 4500,
    ProtocolError = 4501,
    Kicked = 4502,
    TooManyConnections = 4503,
}

public static class CloseCodes
{
    /// <summary>Whether a client that was closed with this code connects again. Codes outside ours, and none at all, do.</summary>
    public static bool Reconnects(int code) => code is < 4500 or > 4999;
}
