using System.Text;
using Chat.Protocol;
using Chat.Protocol.Frames;
using CsCheck;

namespace Chat.Tests.Frames;

public sealed class FrameCodecTests
{
    [Theory]
    [InlineData("", ErrorCode.Malformed)]
    [InlineData("[]", ErrorCode.Malformed)]
    [InlineData("null", ErrorCode.Malformed)]
    [InlineData("{}", ErrorCode.Malformed)]
    [InlineData("{\"type\":1}", ErrorCode.Malformed)]
    [InlineData("{\"type\":\"send\"}", ErrorCode.Malformed)]
    [InlineData("{\"type\":\"send\",\"room\":\"r\",\"id\":\"1\",\"text\":null}", ErrorCode.Malformed)]
    [InlineData("{\"type\":\"send\",\"room\":\"r\",\"id\":\"1\",\"text\":5}", ErrorCode.Malformed)]
    [InlineData("{\"type\":\"join\",\"room\":\"r\",\"after\":{\"epoch\":\"e\"}}", ErrorCode.Malformed)]
    [InlineData("{\"type\":\"pong\"} {}", ErrorCode.Malformed)]
    [InlineData("{\"type\":\"send\",\"room\":\"r\",\"id\":\"1\",\"text\":\"\\ud800\"}", ErrorCode.Malformed)]
    [InlineData("{\"type\":\"teleport\",\"room\":\"r\"}", ErrorCode.UnknownType)]
    public void What_is_no_frame_is_named_and_not_thrown(string json, string code)
    {
        var frame = FrameCodec.DecodeClient(Encoding.UTF8.GetBytes(json), out var error);

        Assert.Null(frame);
        Assert.Equal(code, error!.Code);
    }

    [Fact]
    public void The_type_may_stand_anywhere_and_unknown_fields_are_ignored()
    {
        var frame = FrameCodec.DecodeClient("""{"new":{"type":"x"},"room":"lobby","type":"join"}"""u8, out _);

        Assert.Equal(new JoinFrame("lobby"), frame);
    }

    [Fact]
    public void No_bytes_make_the_codec_throw() =>
        Gen.OneOf(
                Gen.Byte.Array[0, 200],
                Gen.Char.AlphaNumeric.Array[0, 20].Select(text => Encoding.UTF8.GetBytes($"{{\"type\":\"join\",\"room\":\"{new string(text)}")),
                Gen.Int[0, 100].Select(depth => Encoding.UTF8.GetBytes("{\"type\":" + new string('[', depth))))
            .Sample(bytes =>
            {
                var frame = FrameCodec.DecodeClient(bytes, out var error);
                Assert.NotEqual(frame is null, error is null);
            });

    [Fact]
    public void Any_text_comes_back_as_it_was() =>
        Gen.String.Sample(text =>
        {
            // Half of a pair of surrogates is no text: it cannot come in as UTF-8, and is not sent.
            var whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            var send = new SendFrame("lobby", "c1", whole);
            Assert.Equal(send, FrameCodec.DecodeClient(FrameCodec.Encode(send), out _));
        });
}
