using System.Text;
using Chat.Node.Signals;

namespace Chat.Tests.Presence;

public sealed class SignalTests
{
    [Fact]
    public void Signal_is_read_line_by_line_and_unknown_lines_are_left_out()
    {
        var signal = Signal.Decode("1 7\n+ c1 ada n1 a\n- c2\nr bob 12\nt eve\nx what is this\nr bob -1"u8)!;

        Assert.Equal(7, signal.Sequence);
        Assert.Equal([new PresenceEntry("c1", "ada", new Incarnation("n1", "a"))], signal.Opened);
        Assert.Equal(["c2"], signal.Closed);
        Assert.Equal([new("bob", 12)], signal.Reads);
        Assert.Equal(["eve"], signal.Typing);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2 1\nt ada")]
    [InlineData("1 x\nt ada")]
    [InlineData("hello")]
    public void What_is_no_signal_is_none(string text) => Assert.Null(Signal.Decode(Encoding.UTF8.GetBytes(text)));
}
