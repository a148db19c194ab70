using Microsoft.Extensions.Options;

namespace Chat.Node;

/// <summary>Says at start what this node is made to do wrong, so that nobody takes an experiment for the real thing.</summary>
internal sealed partial class ExperimentNotice(
    NodeIdentity node, IOptions<NodeOptions> options, ILogger<ExperimentNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Without.Length > 0)
        {
            LogWithout(node.Id, string.Join(", ", options.Value.Without));
        }

        if (options.Value.ClockSkew != TimeSpan.Zero)
        {
            LogSkew(node.Id, options.Value.ClockSkew);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} runs without {Protections} (Chat:Without): promises are broken on purpose")]
    private partial void LogWithout(string nodeId, string protections);

    [LoggerMessage(LogLevel.Warning, "The clock of node {NodeId} is wrong by {Skew} (Chat:ClockSkew), on purpose")]
    private partial void LogSkew(string nodeId, TimeSpan skew);
}
