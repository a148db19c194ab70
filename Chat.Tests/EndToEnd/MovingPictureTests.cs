using System.Buffers.Binary;
using Chat.Tests.Support;

namespace Chat.Tests.EndToEnd;

public sealed class MovingPictureTests
{
    [Fact]
    public void Frames_follow_each_other_in_the_order_and_for_the_time_they_were_given()
    {
        var png = File.ReadAllBytes(Path.Combine(Tool.RepositoryFolder, "docs", "images", "trace.png"));
        var other = png.ToArray();
        // Another picture as far as anybody can see without decoding it.
        other[^20] ^= 1;
        var picture = new MovingPicture();
        picture.Add(png, TimeSpan.FromMilliseconds(300));
        picture.Add(png, TimeSpan.FromMilliseconds(200));
        picture.Add(other, TimeSpan.FromMilliseconds(100));

        var encoded = picture.Encode();

        var chunks = MovingPicture.Chunks(encoded).ToArray();
        Assert.Equal(["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "IEND"], chunks.Select(chunk => chunk.Type));
        Assert.Equal(png[..8], encoded[..8]);
        Assert.Equal(2, BinaryPrimitives.ReadInt32BigEndian(chunks[1].Data));
        Assert.Equal([0, 1, 2], new[] { 2, 4, 5 }.Select(index => BinaryPrimitives.ReadInt32BigEndian(chunks[index].Data)));
        Assert.Equal([500, 100], new[] { 2, 4 }.Select(index => (int)BinaryPrimitives.ReadInt16BigEndian(chunks[index].Data.AsSpan(20))));
        Assert.Equal(MovingPicture.Chunks(png).Where(chunk => chunk.Type == "IDAT").SelectMany(chunk => chunk.Data), chunks[3].Data);
        Assert.Equal(chunks[3].Data.Length, chunks[5].Data.Length - 4);
    }

    /// <summary>The one that every decoder checks: of "IEND" alone it is in every PNG there is.</summary>
    [Fact]
    public void The_checksum_is_that_of_PNG() => Assert.Equal(0xAE426082, MovingPicture.Checksum("IEND"u8));
}
