using Aspire.Local.Dashboard.Resources;
using CsCheck;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class AnsiTextTests
{
    [Fact]
    public void Colours_become_classes_and_codes_vanish()
    {
        var segments = AnsiText.Parse("\u001b[1m\u001b[33mwarn\u001b[39m\u001b[22m: \u001b[2Kdone");

        Assert.Equal([new("warn", "ansi-3 ansi-bold"), new(": ", ""), new AnsiSegment("done", "")], segments);
    }

    [Fact]
    public void Dark_text_on_red_ground_is_red() =>
        Assert.Equal([new AnsiSegment("fail", "ansi-1")], AnsiText.Parse("\u001b[41m\u001b[30mfail\u001b[39m\u001b[22m\u001b[49m"));

    [Fact]
    public void Extended_colours_do_not_leak_their_numbers() =>
        Assert.Equal([new AnsiSegment("x", "")], AnsiText.Parse("\u001b[38;5;31mx"));

    [Fact]
    public void Nothing_but_escape_sequences_is_lost() =>
        Gen.Char["ab[]m;0139\u001b\a"].Array[0, 40].Select(c => new string(c)).Sample(text =>
        {
            var shown = string.Concat(AnsiText.Parse(text).Select(s => s.Text));

            Assert.True(text.Contains('\u001b', StringComparison.Ordinal) ? !shown.Contains('\u001b', StringComparison.Ordinal) : shown == text);
        });
}
