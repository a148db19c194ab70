using StackExchange.Redis;

namespace Chat.Node.Signals;

/// <summary>Where the people of a room live. The braces are a hash tag: on a cluster, one room is in one slot.</summary>
internal static class RoomKeys
{
    /// <summary>Hash: connection → who and on which node; <c>:seq</c>, the number of the last change; <c>:life</c>, the name of this very hash.</summary>
    public static RedisKey Presence(string room) => $"chat:{{{room}}}:presence";

    /// <summary>Hash: user → the newest offset that was read.</summary>
    public static RedisKey Read(string room) => $"chat:{{{room}}}:read";

    /// <summary>List: the newest changes of presence and read positions, as they were published.</summary>
    public static RedisKey Changes(string room) => $"chat:{{{room}}}:changes";

    /// <summary>Held for as long as nobody is to be invited to a direct room again.</summary>
    public static RedisKey Invited(string room, string user) => $"chat:{{{room}}}:invited:{user}";

    /// <summary>What happens in a room and is no message.</summary>
    public static RedisChannel Signals(string room) => RedisChannel.Literal($"chat:{{{room}}}:signals");
}
