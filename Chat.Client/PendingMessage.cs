using Chat.Protocol;

namespace Chat.Client;

/// <summary>A message that is not known to be stored yet.</summary>
/// <param name="Sent">It was on the wire at least once.</param>
public sealed record PendingMessage(string Room, string Id, string Text, bool Sent);

/// <summary>A message that waits no longer.</summary>
/// <param name="Position">Where it is stored; null when it is not known to be, and <paramref name="Error"/> says why.</param>
public sealed record SettledMessage(string Room, string Id, Position? Position, Exception? Error);
