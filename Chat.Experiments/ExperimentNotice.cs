using Chat.Node;

namespace Chat.Experiments;

/// <summary>Says at start what this node is made to do wrong, so that nobody takes an experiment for the real thing.</summary>
internal sealed partial class ExperimentNotice(
    NodeIdentity node, ExperimentOptions options, ILogger<ExperimentNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Delivery != "log")
        {
            LogDelivery(node.Id, options.Delivery);
        }

        if (options.Without.Length > 0)
        {
            LogWithout(node.Id, string.Join(", ", options.Without));
        }

        if (options.ClockSkew != TimeSpan.Zero)
        {
            LogSkew(node.Id, options.ClockSkew);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} delivers by {Delivery} (Chat:Delivery): what that breaks, it breaks on purpose")]
    private partial void LogDelivery(string nodeId, string delivery);

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} runs without {Protections} (Chat:Without): promises are broken on purpose")]
    private partial void LogWithout(string nodeId, string protections);

    [LoggerMessage(LogLevel.Warning, "The clock of node {NodeId} is wrong by {Skew} (Chat:ClockSkew), on purpose")]
    private partial void LogSkew(string nodeId, TimeSpan skew);
}
