namespace Chat.Protocol;

/// <summary>The <c>code</c> of an <c>error</c> or a <c>nack</c> frame, of an HTTP problem's <c>code</c> too.</summary>
public static class ErrorCode
{
    /// <summary>Not JSON, not one object, a required field missing, a field of the wrong type.</summary>
    public const string Malformed = "malformed";

    /// <summary>A frame type this version does not know.</summary>
    public const string UnknownType = "unknown_type";

    public const string BadRoom = "bad_room";
    public const string BadId = "bad_id";
    public const string TextTooLong = "text_too_long";
    public const string TextEmpty = "text_empty";

    /// <summary>The frame needs a membership this connection does not have: join first.</summary>
    public const string NotJoined = "not_joined";

    /// <summary>This user may not be in that room.</summary>
    public const string Forbidden = "forbidden";

    public const string TooManyRooms = "too_many_rooms";

    /// <summary>Retryable, after <c>retryAfterMs</c>.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>Redis does not answer. Retryable with the same id: the outcome is unknown.</summary>
    public const string Unavailable = "unavailable";

    public const string BadToken = "bad_token";
}
