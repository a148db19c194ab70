using System.Net;
using Chat.Balancer.Heads;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Status;

/// <summary>One line for each request and each tunnel, when it is over.</summary>
internal sealed partial class AccessLog(IOptions<BalancerOptions> options, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("Chat.Balancer.Access");
    private readonly bool _on = options.Value.AccessLog;

    public void Answered(RequestHead request, IPAddress client, string? node, int? status, TimeSpan duration)
    {
        if (_on)
        {
            LogAnswered(client, request.Method, request.Path.ToString(), status, node, duration.TotalMilliseconds);
        }
    }

    public void TunnelEnded(string node, long bytesUp, long bytesDown, TimeSpan duration)
    {
        if (_on)
        {
            LogTunnelEnded(node, bytesUp, bytesDown, duration.TotalSeconds);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Client} {Method} {Path} {Status} by {NodeId} in {Milliseconds:0.0} ms")]
    private partial void LogAnswered(IPAddress client, string method, string path, int? status, string? nodeId, double milliseconds);

    [LoggerMessage(LogLevel.Information, "Tunnel to {NodeId} ended: {BytesUp} bytes up, {BytesDown} down in {Seconds:0.0} s")]
    private partial void LogTunnelEnded(string nodeId, long bytesUp, long bytesDown, double seconds);
}
