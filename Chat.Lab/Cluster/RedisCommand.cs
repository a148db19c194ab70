using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Chat.Lab.Cluster;

/// <summary>One inline command over a connection of its own: enough to steer a server.</summary>
internal static class RedisCommand
{
    /// <returns>The answer as it came, its first part when it is long.</returns>
    public static async Task<string> SendAsync(int port, string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"));
        var answer = new byte[16 * 1024];
        return Encoding.UTF8.GetString(answer, 0, await client.GetStream().ReadAsync(answer));
    }
}
