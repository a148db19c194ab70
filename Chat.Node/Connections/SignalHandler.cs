using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Node.Connections;

/// <summary>What members tell each other besides messages.</summary>
internal static class SignalHandler
{
    /// <returns>What is wrong with the frame; null when nothing is.</returns>
    public static ErrorFrame? Handle(Connection connection, TypingFrame typing)
    {
        if (!connection.Memberships.TryGetValue(typing.Room, out var membership))
        {
            return NotJoined(typing.Room);
        }

        membership.Type();
        return null;
    }

    /// <inheritdoc cref="Handle(Connection, TypingFrame)"/>
    public static ErrorFrame? Handle(Connection connection, ReadFrame read)
    {
        if (!connection.Memberships.TryGetValue(read.Room, out var membership))
        {
            return NotJoined(read.Room);
        }

        if (read.Offset < 0)
        {
            return new ErrorFrame(ErrorCode.Malformed, "\"offset\" is not below zero.", read.Room);
        }

        membership.Room.Presence.Read(connection.User, read.Offset);
        return null;
    }

    private static ErrorFrame NotJoined(string room) => new(ErrorCode.NotJoined, "Join the room first.", room);
}
