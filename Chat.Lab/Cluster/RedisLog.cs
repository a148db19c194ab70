using System.Globalization;
using System.Text;
using Chat.Lab.Checking;
using Chat.Lab.Clients;
using Chat.Protocol;
using Chat.Protocol.Frames;
using StackExchange.Redis;

namespace Chat.Lab.Cluster;

/// <summary>Reads what Redis itself holds of each room, past every node: what a node says of it is part of what is tested.</summary>
internal static class RedisLog
{
    /// <param name="streams">As the strategy <c>streams</c> stores it; else the list of <c>log</c>.</param>
    /// <returns>For each room its entries, oldest first.</returns>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<LogEntry>>> ReadAsync(int port, bool streams, IEnumerable<string> rooms)
    {
        var options = new ConfigurationOptions { EndPoints = { $"127.0.0.1:{port}" }, ConnectTimeout = 10_000, SyncTimeout = 20_000, AsyncTimeout = 20_000 };
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var logs = new Dictionary<string, IReadOnlyList<LogEntry>>();
        foreach (var room in rooms)
        {
            logs[room] = streams ? await ReadStreamAsync(redis.GetDatabase(), room) : await ReadListAsync(redis.GetDatabase(), room);
        }

        return logs;
    }

    private static async Task<LogEntry[]> ReadListAsync(IDatabase redis, string room) =>
        [.. (await redis.ListRangeAsync($"chat:{{{room}}}:log")).Select(entry => DecodeEntry((byte[])entry!))];

    private static async Task<LogEntry[]> ReadStreamAsync(IDatabase redis, string room) =>
        [.. (await redis.StreamRangeAsync($"chat:{{{room}}}:stream")).Select(DecodeEntry)];

    /// <summary>One line for nodes, whose second and third words are the position; then the frame. The line decides where it stands.</summary>
    private static LogEntry DecodeEntry(byte[] bytes)
    {
        var end = Array.IndexOf(bytes, (byte)'\n');
        var words = Encoding.ASCII.GetString(bytes, 0, end).Split(' ');
        return Describe(new Position(words[1], long.Parse(words[2], CultureInfo.InvariantCulture)), bytes.AsSpan(end + 1));
    }

    private static LogEntry DecodeEntry(StreamEntry entry)
    {
        var offset = ((string)entry.Id!)[2..];
        byte[] frame = [.. (byte[])entry["prefix"]!, .. "streams"u8, .. MessageTemplate.BetweenEpochAndOffset, .. Encoding.ASCII.GetBytes(offset), .. (byte[])entry["suffix"]!];
        return Describe(new Position("streams", long.Parse(offset, CultureInfo.InvariantCulture)), frame);
    }

    private static LogEntry Describe(Position at, ReadOnlySpan<byte> frame) => FrameCodec.DecodeServer(frame, out _) is MessageFrame message
        ? new LogEntry(at, message.Author, message.Id, Text.Mark(message.Text))
        : throw new InvalidOperationException($"What stands at {at} of a log is no message.");
}
