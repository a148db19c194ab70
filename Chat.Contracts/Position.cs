namespace Chat.Protocol;

/// <summary>A place in a room's log.</summary>
/// <param name="Epoch">Random name of the log: another epoch is another log, and offsets do not compare.</param>
/// <param name="Offset">1 is the first message; 0 is before it.</param>
public sealed record Position(string Epoch, long Offset)
{
    /// <summary>The offset of a message that has none, since the delivery strategy numbers nothing: take it as it comes.</summary>
    public const long Unnumbered = 0;

    /// <summary>
    /// The id of the message at this place, for whoever knows it: a log that has lost messages may have another one there since. No part of
    /// the place: positions are equal whatever it is.
    /// </summary>
    public string? Id { get; init; }

    public bool Equals(Position? other) => other is not null && Offset == other.Offset && Epoch == other.Epoch;

    public override string ToString() => $"{Epoch} {Offset}";

    public override int GetHashCode() => HashCode.Combine(Epoch, Offset);
}
