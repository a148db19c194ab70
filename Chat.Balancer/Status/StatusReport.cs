using System.Text.Json.Serialization;

namespace Chat.Balancer.Status;

/// <summary>What <c>GET /balancer/status</c> answers.</summary>
/// <param name="Connections">Client connections of every kind.</param>
/// <param name="HandshakesWaiting">Handshakes in the admission queue.</param>
/// <param name="Bytes">Through tunnels.</param>
internal sealed record StatusReport(
    string Policy,
    bool Draining,
    int Connections,
    int Tunnels,
    int HandshakesWaiting,
    IReadOnlyDictionary<string, long> Refused,
    BytesReport Bytes,
    IReadOnlyList<DestinationReport> Destinations);

internal sealed record BytesReport(long Up, long Down);

/// <param name="Connections">Live ones as the balancer reckons them, other balancers' included.</param>
/// <param name="Own">Through this balancer.</param>
/// <param name="Reported">In the node's lease.</param>
/// <param name="Standing">By its handshakes: good, ontrial or ejected.</param>
/// <param name="Penalty">0 to 1: the share of its picks that it does not get because of failed handshakes.</param>
internal sealed record DestinationReport(
    string Id,
    string Incarnation,
    string Endpoint,
    string State,
    bool Healthy,
    string LastProbe,
    int Connections,
    int Own,
    int Reported,
    double Load,
    long Picks,
    long FailedConnects,
    long EarlyCloses,
    string Standing,
    double Penalty,
    long Ejections,
    bool Disabled,
    double Weight,
    long Shed);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(BalancerEvent))]
internal sealed partial class StatusJson : JsonSerializerContext;
