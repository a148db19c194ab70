using System.Globalization;
using System.Text;
using Chat.Balancer.Heads;
using CsCheck;

namespace Chat.Tests.Balancer;

public sealed class ChunkScannerTests
{
    [Fact]
    public void Finds_the_end_however_the_bytes_are_cut()
    {
        Gen.Select(Gen.String[Gen.Char["ab\r\n0"], 1, 40].Array[0, 5], Gen.Int[1, 7], Gen.Bool).Sample((parts, cut, trailer) =>
        {
            var body = string.Concat(parts.Select(part => $"{part.Length.ToString("x", CultureInfo.InvariantCulture)}\r\n{part}\r\n"))
                + "0\r\n" + (trailer ? "T: v\r\n" : "") + "\r\n";
            var bytes = Encoding.Latin1.GetBytes(body + "GET / HTTP/1.1\r\n");
            var scanner = new ChunkScanner(64);
            var taken = 0;

            while (!scanner.Done)
            {
                taken += scanner.Scan(bytes.AsSpan(taken, Math.Min(cut, bytes.Length - taken)));
                Assert.False(scanner.Bad);
            }

            Assert.Equal(body.Length, taken);
        });
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("g\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("0x1\r\n")]
    [InlineData(" 1\r\n")]
    [InlineData("1 \r\nx\r\n0\r\n\r\n")]
    [InlineData("1\nx\r\n")]
    [InlineData("1\r\nx\n")]
    [InlineData("1\r\nxy\r\n")]
    [InlineData("1;a\nb\r\nx\r\n")]
    [InlineData("0\r\nT: v\n\r\n")]
    [InlineData("0\r\n\n")]
    [InlineData("0\r\nT\r\n\r\n")]
    [InlineData("0\r\n: v\r\n\r\n")]
    [InlineData("0\r\nT : v\r\n\r\n")]
    [InlineData("0\r\n T: v\r\n\r\n")]
    [InlineData("1000000000000000\r\n")]
    public void Refuses_what_could_be_framed_differently(string body)
    {
        var scanner = new ChunkScanner(64);

        scanner.Scan(Encoding.Latin1.GetBytes(body));

        Assert.True(scanner.Bad);
    }

    [Theory]
    [InlineData("1;")]
    [InlineData("0\r\nT: ")]
    public void Refuses_lines_without_end(string start)
    {
        var scanner = new ChunkScanner(64);

        scanner.Scan(Encoding.Latin1.GetBytes(start + new string('x', 100)));

        Assert.True(scanner.Bad);
    }
}
