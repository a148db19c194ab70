using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>What happens in a room, in order.</summary>
public abstract record RoomEvent;

/// <summary>A message: each once, in the order of the room's log.</summary>
public sealed record MessageReceived(MessageFrame Message) : RoomEvent;

/// <summary>
/// Messages between the two positions could not be recovered: the log no longer reaches back so far, or is another one.
/// The newest follow.
/// </summary>
public sealed record ContinuityLost(Position From, Position To) : RoomEvent;

/// <summary>Users came or went. In a big room without names: only how many there are.</summary>
/// <param name="Count">All who are there now.</param>
public sealed record PresenceChanged(IReadOnlyList<string> Joined, IReadOnlyList<string> Left, int Count) : RoomEvent;

public sealed record UserTyping(string User) : RoomEvent;

/// <param name="Offset">The user has read everything up to here.</param>
public sealed record UserRead(string User, long Offset) : RoomEvent;
