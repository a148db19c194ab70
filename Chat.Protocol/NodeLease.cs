using System.Text.Json.Serialization;

namespace Chat.Protocol;

/// <summary>What a node says of itself in Redis, for as long as its lease is renewed.</summary>
/// <param name="Id">The instance's name, 1–64 of letters, digits, <c>-</c>, <c>_</c>.</param>
/// <param name="Incarnation">New at every start: tells a restarted node from the one that died.</param>
/// <param name="Url">Where it really listens: <c>http://127.0.0.1:34567</c>.</param>
/// <param name="Connections">WebSockets it holds now.</param>
/// <param name="Load">0 idle to 1 busy: the share of the node's processors in use over the last second.</param>
/// <param name="Sequence">Grows with each lease of an incarnation, so that a reader knows one that it has read before; 0 from nodes that do not count.</param>
/// <param name="Through">How many of the connections came through each balancer, by its id; null from nodes that do not say.</param>
public sealed record NodeLease(
    string Id,
    string Incarnation,
    string Url,
    NodeState State,
    int Connections,
    double Load,
    long Sequence = 0,
    IReadOnlyDictionary<string, int>? Through = null);

/// <summary>Where a node stands in its life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NodeState>))]
public enum NodeState
{
    /// <summary>Runs, but does not answer for rooms yet.</summary>
    [JsonStringEnumMemberName("starting")]
    Starting,

    /// <summary>Takes connections.</summary>
    [JsonStringEnumMemberName("ready")]
    Ready,

    /// <summary>Takes nothing new and moves its connections.</summary>
    [JsonStringEnumMemberName("draining")]
    Draining,
}
