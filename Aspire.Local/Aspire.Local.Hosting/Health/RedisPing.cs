using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Local.Hosting.Health;

/// <summary>Logs in and pings, over a connection of its own.</summary>
internal sealed class RedisPing(RedisResource resource) : IHealthCheck
{
    private const string Pong = "+PONG\r\n";
    private const int AnswerBytesMax = 512;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!resource.PrimaryEndpoint.IsAllocated)
        {
            return HealthCheckResult.Unhealthy("It has no address.");
        }

        try
        {
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(resource.PrimaryEndpoint.Host, resource.PrimaryEndpoint.Port, cancellationToken);
            var stream = client.GetStream();
            var password = resource.PasswordParameter?.Value;
            var login = password is null ? "" : Command("AUTH", password);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(login + Command("PING")), cancellationToken);
            var answer = await ReadAsync(stream, cancellationToken);
            return answer.EndsWith(Pong, StringComparison.Ordinal)
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"PING was answered with: {answer.Trim()}");
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return HealthCheckResult.Unhealthy($"It cannot be reached: {error.Message}");
        }
    }

    private static string Command(params string[] parts) =>
        string.Concat([$"*{parts.Length}\r\n", .. parts.Select(part => $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n")]);

    /// <summary>Reads until the pong, an error, or the end.</summary>
    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[AnswerBytesMax];
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            filled += read;
            var text = Encoding.ASCII.GetString(buffer, 0, filled);
            if (read == 0 || text.EndsWith(Pong, StringComparison.Ordinal) || (text.StartsWith('-') && text.EndsWith('\n')))
            {
                return text;
            }
        }

        return Encoding.ASCII.GetString(buffer, 0, filled);
    }
}
