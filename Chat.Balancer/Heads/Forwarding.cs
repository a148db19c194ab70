namespace Chat.Balancer.Heads;

/// <summary>Where a request came from, as the node is told.</summary>
internal sealed record Forwarding(string ClientAddress, string Scheme);
