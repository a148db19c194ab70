using System.Buffers;
using System.Globalization;
using System.Text;

namespace Chat.Node.Backplane.Subscriptions;

/// <summary>A command for a Redis server.</summary>
internal static class RespWriter
{
    public static void Write(IBufferWriter<byte> output, string command, params IReadOnlyCollection<string> arguments)
    {
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{arguments.Count + 1}\r\n")));
        WriteBulk(output, command);
        foreach (var argument in arguments)
        {
            WriteBulk(output, argument);
        }
    }

    private static void WriteBulk(IBufferWriter<byte> output, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${bytes.Length}\r\n")));
        output.Write(bytes);
        output.Write("\r\n"u8);
    }
}
