using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>What happens in a room, in order.</summary>
public abstract record RoomEvent;

/// <summary>A message: each once, in the order of the room's log.</summary>
public sealed record MessageReceived(ChatMessage Message) : RoomEvent
{
    internal MessageReceived(MessageFrame frame)
        : this(ChatMessage.From(frame))
    {
    }
}

/// <summary>
/// Messages between the two positions could not be recovered: the log no longer reaches back so far, or is another one.
/// The newest follow.
/// </summary>
public sealed record ContinuityLost(Position From, Position To) : RoomEvent;

/// <summary>
/// Nobody read for so long that the oldest events were dropped (<see cref="ChatClientOptions.RoomEventsMax"/>); what follows comes right
/// after them. Messages among them are in the room's history.
/// </summary>
/// <param name="Count">How many, messages or not.</param>
/// <param name="FirstOffset">Of the first message dropped; 0 when there was none.</param>
/// <param name="LastOffset">Of the last message dropped; 0 when there was none.</param>
public sealed record EventsDropped(long Count, long FirstOffset, long LastOffset) : RoomEvent;

/// <summary>Users came or went. In a big room without names: only how many there are.</summary>
/// <param name="Count">All who are there now.</param>
public sealed record PresenceChanged(IReadOnlyList<string> Joined, IReadOnlyList<string> Left, int Count) : RoomEvent;

/// <summary>A user is writing.</summary>
public sealed record UserTyping(string User) : RoomEvent;

/// <summary>A user has read on.</summary>
/// <param name="Offset">The user has read everything up to here.</param>
public sealed record UserRead(string User, long Offset) : RoomEvent;
