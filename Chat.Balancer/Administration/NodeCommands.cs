using System.Globalization;
using Chat.Balancer.Cluster;
using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Balancer.Administration;

/// <summary>
/// An operator's word on one node: <c>POST /balancer/nodes/{id}/disable</c>, <c>enable</c>, <c>drain</c> (disable, and move its clients) or
/// <c>weight/{number}</c>. It holds for this balancer.
/// </summary>
internal sealed partial class NodeCommands(
    DestinationTable table, NodeSettings settings, NodeAsker asker, BalancerEvents events, IOptions<BalancerOptions> options, ILogger<NodeCommands> logger)
{
    private const string Prefix = "/balancer/nodes/";
    private const double WeightMax = 100;

    public static bool Owns(RequestHead request) => request.Path.StartsWith(Prefix, StringComparison.Ordinal);

    /// <returns>Null when it is done, or why not.</returns>
    public async Task<Refusal?> RunAsync(RequestHead request)
    {
        // Any page may make a browser on this machine post here; the browser says from where.
        if (request.Fields.Find("origin"u8, out _) > 0)
        {
            return Refusal.Protected;
        }

        if (request.Method != "POST")
        {
            return Refusal.PostOnly;
        }

        var parts = request.Path[Prefix.Length..].ToString().Split('/');
        return table.Current.FirstOrDefault(view => view.Destination.Id == parts[0]) is { } view ? await RunAsync(view, parts) : Refusal.NotFound;
    }

    private async Task<Refusal?> RunAsync(DestinationView view, string[] parts)
    {
        var setting = settings.Of(view.Destination.Id);
        switch (parts)
        {
            case [_, "enable"]:
                setting.Disabled = false;
                break;
            case [_, "disable"]:
                setting.Disabled = true;
                break;
            case [_, "drain"]:
                setting.Disabled = true;
                if (!await TryAskAsync(view))
                {
                    return Refusal.RedisAway;
                }

                break;
            case [_, "weight", var text] when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
                && weight is > 0 and <= WeightMax:
                setting.Weight = weight;
                break;
            default:
                return Refusal.NotFound;
        }

        LogSaid(view.Destination.Id, string.Join(' ', parts[1..]));
        events.Changed(parts[1], view.Destination.Id);
        return null;
    }

    /// <summary>All its connections, in the time that this balancer's own leaving would have.</summary>
    private async Task<bool> TryAskAsync(DestinationView view)
    {
        try
        {
            var window = Math.Max(options.Value.ShedWindowMs, (int)(options.Value.DrainSeconds * 500));
            await asker.AskAsync(view.Destination.Id, new ShedControl(Math.Max(1, view.Connections), window));
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "An operator says of node {NodeId}: {Command}")]
    private partial void LogSaid(string nodeId, string command);
}
