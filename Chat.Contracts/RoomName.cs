using System.Buffers;

namespace Chat.Protocol;

/// <summary>What may be a room's name, and how direct rooms are named.</summary>
public static class RoomName
{
    public const int LengthMax = 64;

    private const string DirectPrefix = "dm:";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>1–64 of letters, digits, <c>-</c>, <c>_</c>, <c>.</c>; or a direct room of two such user ids.</summary>
    public static bool IsValid(string room) => IsPlain(room) || TryGetDirectUsers(room, out _, out _);

    /// <summary>A user id has the alphabet and length of a room name.</summary>
    public static bool IsValidUser(string user) => IsPlain(user);

    /// <summary>The direct room of two users, whatever order they are given in.</summary>
    public static string Direct(string user, string other) =>
        string.CompareOrdinal(user, other) < 0 ? $"{DirectPrefix}{user}:{other}" : $"{DirectPrefix}{other}:{user}";

    /// <returns>False when this is no direct room. The users come out in ordinal order, as in the name.</returns>
    public static bool TryGetDirectUsers(string room, out string first, out string second)
    {
        (first, second) = ("", "");
        if (!room.StartsWith(DirectPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        var colon = room.IndexOf(':', DirectPrefix.Length);
        if (colon < 0)
        {
            return false;
        }

        first = room[DirectPrefix.Length..colon];
        second = room[(colon + 1)..];
        return IsPlain(first) && IsPlain(second) && string.CompareOrdinal(first, second) < 0;
    }

    /// <summary>Only the two users of a direct room may be in it; every other room is open.</summary>
    public static bool Admits(string room, string user) =>
        !TryGetDirectUsers(room, out var first, out var second) || user == first || user == second;

    private static bool IsPlain(string name) =>
        name.Length is >= 1 and <= LengthMax && !name.AsSpan().ContainsAnyExcept(Allowed);
}
