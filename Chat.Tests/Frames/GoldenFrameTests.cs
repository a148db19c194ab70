using System.Text;
using System.Text.Json.Serialization;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Support;

namespace Chat.Tests.Frames;

/// <summary>The examples in docs/frames are what both ends speak: the TypeScript tests read the same files.</summary>
public sealed class GoldenFrameTests
{
    public static TheoryData<string> ClientFrames => Files("client");

    public static TheoryData<string> ServerFrames => Files("server");

    [Theory]
    [MemberData(nameof(ClientFrames))]
    public void A_client_frame_is_read_and_written_as_its_example(string name)
    {
        var golden = Read("client", name);

        var frame = FrameCodec.DecodeClient(Encoding.UTF8.GetBytes(golden), out var error);

        Assert.Null(error);
        Assert.Equal(golden, Encoding.UTF8.GetString(FrameCodec.Encode(frame!)));
    }

    [Theory]
    [MemberData(nameof(ServerFrames))]
    public void A_server_frame_is_read_and_written_as_its_example(string name)
    {
        var golden = Read("server", name);

        var frame = FrameCodec.DecodeServer(Encoding.UTF8.GetBytes(golden), out var error);

        Assert.Null(error);
        Assert.Equal(golden, Encoding.UTF8.GetString(FrameCodec.Encode(frame!)));
    }

    [Theory]
    [InlineData(typeof(ClientFrame), "client")]
    [InlineData(typeof(ServerFrame), "server")]
    public void Every_frame_has_an_example(Type frames, string folder)
    {
        var names = frames.GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false)
            .Cast<JsonDerivedTypeAttribute>().Select(attribute => (string)attribute.TypeDiscriminator!);

        // "presence-count" is another example of "presence".
        Assert.Equal(names.Order(), Files(folder).Select(row => row.Data.Split('-')[0]).Distinct().Order());
    }

    [Fact]
    public void Messages_that_are_bytes_already_are_spliced_in_as_if_they_were_written()
    {
        var joined = (JoinedFrame)FrameCodec.DecodeServer(Encoding.UTF8.GetBytes(Read("server", "joined")), out _)!;
        var messages = joined.Messages.Append(joined.Messages[0] with { Offset = 13, Text = "\"messages\":[" }).ToArray();

        var spliced = FrameCodec.EncodeJoined(joined, [.. messages.Select(message => (ReadOnlyMemory<byte>)FrameCodec.Encode(message))]);

        Assert.Equal(
            Encoding.UTF8.GetString(FrameCodec.Encode(joined with { Messages = messages })), Encoding.UTF8.GetString(spliced));
    }

    [Theory]
    [InlineData("hi", "c1")]
    [InlineData("\"epoch\":\"\",\"offset\":0", "\"epoch\":\"")]
    [InlineData("emoji 🙂, quotes \" and \\, a line\nbreak and \u0001", "~!")]
    public void A_template_with_its_position_is_the_message_frame(string text, string id)
    {
        var sentAt = new DateTimeOffset(2026, 11, 24, 4, 0, 0, TimeSpan.Zero);

        var template = FrameCodec.EncodeTemplate("lobby", id, "ada", text, sentAt, "abcdefgh");

        byte[] whole =
        [
            .. template.Prefix.Span, .. "k3v9q2"u8, .. MessageTemplate.BetweenEpochAndOffset, .. "12"u8, .. template.Suffix.Span,
        ];
        Assert.Equal(
            new MessageFrame("lobby", "k3v9q2", 12, id, "ada", text, "2026-11-24T04:00:00.000Z", "abcdefgh"),
            FrameCodec.DecodeServer(whole, out _));
    }

    private static TheoryData<string> Files(string folder) =>
        [.. Directory.GetFiles(Folder(folder), "*.json").Select(path => Path.GetFileNameWithoutExtension(path))];

    private static string Read(string folder, string name) =>
        File.ReadAllText(Path.Combine(Folder(folder), $"{name}.json")).TrimEnd('\n');

    private static string Folder(string folder) => Path.Combine(Tool.RepositoryFolder, "docs", "frames", folder);
}
