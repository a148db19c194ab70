using System.Globalization;
using Chat.Node.Backplane;
using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Experiments.Strategies.Streams;

/// <summary>A message as an entry of its room's stream. The entry's id <c>0-n</c> is its offset.</summary>
internal static class StreamEntries
{
    /// <summary>All streams have the same: nothing says that a stream is another one than before.</summary>
    public const string Epoch = "streams";

    /// <summary>The id that has Redis count: <c>0-1</c>, <c>0-2</c>, …</summary>
    public const string NextId = "0-*";

    private const string Prefix = "prefix";
    private const string Suffix = "suffix";
    private const string Stored = "stored";
    private const string Node = "node";
    private const string Received = "received";
    private const string Trace = "trace";

    public static RedisKey Key(string room) => $"chat:{{{room}}}:stream";

    public static RedisValue Id(long offset) => string.Create(CultureInfo.InvariantCulture, $"0-{offset}");

    public static long Offset(RedisValue id) => long.Parse(((string)id!)[2..], CultureInfo.InvariantCulture);

    public static NameValueEntry[] Encode(NewMessage message, DateTimeOffset storedAt) =>
    [
        new(Prefix, message.Frame.Prefix),
        new(Suffix, message.Frame.Suffix),
        new(Stored, storedAt.ToUnixTimeMilliseconds()),
        new(Node, message.Origin.Node),
        new(Received, message.Origin.ReceivedAt.ToUnixTimeMilliseconds()),
        new(Trace, message.Origin.Traceparent ?? ""),
    ];

    public static Publication Decode(StreamEntry entry)
    {
        var trace = (string)entry[Trace]!;
        var bytes = Publication.Encode(
            new Position(Epoch, Offset(entry.Id)),
            DateTimeOffset.FromUnixTimeMilliseconds((long)entry[Stored]),
            new Origin(
                (string)entry[Node]!,
                DateTimeOffset.FromUnixTimeMilliseconds((long)entry[Received]),
                trace.Length == 0 ? null : trace),
            new MessageTemplate((byte[])entry[Prefix]!, (byte[])entry[Suffix]!));
        return Publication.Decode(bytes)!;
    }
}
