namespace Chat.Node.Presence;

/// <summary>Who was in a room at one moment.</summary>
/// <param name="Version">What the members were told up to here is in it.</param>
/// <param name="Members">Null in big rooms.</param>
/// <param name="Count">Null in small rooms.</param>
internal sealed record PresenceSnapshot(long Version, IReadOnlyList<string>? Members, int? Count);
