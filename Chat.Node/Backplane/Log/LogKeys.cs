using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <summary>Where a room's data lives. The braces are a hash tag: on a cluster, one room is in one slot.</summary>
internal static class LogKeys
{
    /// <summary>Sorted set of room names by when they were last written in, Unix ms.</summary>
    public const string Rooms = "chat:rooms";

    public static RedisKey Meta(string room) => $"chat:{{{room}}}:meta";

    public static RedisKey Log(string room) => $"chat:{{{room}}}:log";

    public static RedisKey Id(string room, string idempotencyKey) => $"chat:{{{room}}}:id:{idempotencyKey}";

    public static RedisChannel Channel(string room) => RedisChannel.Literal($"chat:{{{room}}}");
}
