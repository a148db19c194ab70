using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Chat.Redis;

/// <summary>One short-lived connection to the server, through a real socket, for its own probes and orders.</summary>
internal sealed class RespConnection : IDisposable
{
    private readonly TcpClient _client = new(AddressFamily.InterNetwork) { NoDelay = true };

    public static async Task<RespConnection> OpenAsync(int port, CancellationToken cancellationToken)
    {
        var connection = new RespConnection();
        try
        {
            await connection._client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends one command whose answer is a single line or one short bulk string.</summary>
    /// <returns>The answer without its type mark: "PONG", "7". An error answer keeps its "-".</returns>
    public async Task<string> CallAsync(CancellationToken cancellationToken, params string[] command)
    {
        var stream = _client.GetStream();
        await stream.WriteAsync(Encode(command), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        var line = await reader.ReadLineAsync(cancellationToken) ?? throw new EndOfStreamException("The server closed the connection.");
        return line switch
        {
            ['$', ..] => await reader.ReadLineAsync(cancellationToken) ?? "",
            ['-', ..] => line,
            [_, .. var rest] => rest,
            _ => "",
        };
    }

    public void Dispose() => _client.Dispose();

    private static byte[] Encode(string[] command)
    {
        var text = new StringBuilder($"*{command.Length}\r\n");
        foreach (var part in command)
        {
            text.Append($"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
