using System.Buffers.Binary;

namespace Chat.Tests.EndToEnd;

/// <summary>An animated PNG out of screenshots of one size: their compressed pixels are taken over as they are.</summary>
internal sealed class MovingPicture
{
    private const int SignatureBytes = 8;

    private readonly List<(byte[] Png, TimeSpan Shown)> _frames = [];

    /// <summary>Shows a screenshot for so long; the same again is the one before for longer.</summary>
    public void Add(byte[] png, TimeSpan shown)
    {
        if (_frames.Count > 0 && _frames[^1].Png.AsSpan().SequenceEqual(png))
        {
            _frames[^1] = (png, _frames[^1].Shown + shown);
            return;
        }

        _frames.Add((png, shown));
    }

    /// <summary>The picture, which begins anew when it is over.</summary>
    /// <exception cref="InvalidOperationException">The screenshots are not of one size and kind.</exception>
    public byte[] Encode()
    {
        var head = Chunks(_frames[0].Png).Single(chunk => chunk.Type == "IHDR").Data;
        using var file = new MemoryStream();
        file.Write(_frames[0].Png, 0, SignatureBytes);
        Write(file, "IHDR", head);
        Write(file, "acTL", [.. Number(_frames.Count), .. Number(0)]);
        var sequence = 0;
        foreach (var (png, shown) in _frames)
        {
            var chunks = Chunks(png).ToArray();
            if (!chunks.Single(chunk => chunk.Type == "IHDR").Data.AsSpan().SequenceEqual(head))
            {
                throw new InvalidOperationException("The screenshots differ in size or kind.");
            }

            var pixels = chunks.Where(chunk => chunk.Type == "IDAT").SelectMany(chunk => chunk.Data).ToArray();
            // At its place 0,0 in full size, for so many thousandths of a second, in place of the one before.
            Write(file, "fcTL", [.. Number(sequence++), .. head.AsSpan(0, 8), .. Number(0), .. Number(0), .. Short((int)shown.TotalMilliseconds), .. Short(1000), 0, 0]);
            if (sequence == 1)
            {
                Write(file, "IDAT", pixels);
            }
            else
            {
                Write(file, "fdAT", [.. Number(sequence++), .. pixels]);
            }
        }

        Write(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>What a PNG is made of.</summary>
    internal static IEnumerable<(string Type, byte[] Data)> Chunks(byte[] png)
    {
        for (var at = SignatureBytes; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            yield return (System.Text.Encoding.ASCII.GetString(png, at + 4, 4), png[(at + 8)..(at + 8 + length)]);
            at += 12 + length;
        }
    }

    internal static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) == 0 ? sum >> 1 : (sum >> 1) ^ 0xEDB88320;
            }
        }

        return ~sum;
    }

    private static void Write(Stream file, string type, ReadOnlySpan<byte> data)
    {
        byte[] named = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        file.Write(Number(data.Length));
        file.Write(named);
        file.Write(Number((int)Checksum(named)));
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];
}
