using System.Text.Json.Serialization;

namespace Chat.Protocol;

/// <summary>What a balancer asks of one node, over the Redis channel <see cref="NodeControlCodec.ChannelOf"/>. A node that knows none of it loses nothing.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ShedControl), "shed")]
public abstract record NodeControl;

/// <summary>
/// Asks the node to move some of its connections, the oldest first: a <c>drain</c> frame to each, then close code 4004. Asked once, moved
/// once: the balancer looks at the counts again before it asks for more.
/// </summary>
/// <param name="Connections">How many, at least 1.</param>
/// <param name="ReconnectWithinMs">For the <c>drain</c> frames: the clients spread their reconnects over this time.</param>
/// <param name="Balancer">Only connections that came through this balancer (request header <see cref="NodeControlCodec.BalancerHeader"/>); null for any.</param>
public sealed record ShedControl(int Connections, int ReconnectWithinMs, string? Balancer = null) : NodeControl;
