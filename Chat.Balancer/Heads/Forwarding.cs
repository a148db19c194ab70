namespace Chat.Balancer.Heads;

/// <summary>Where a request came from, as the node is told.</summary>
/// <param name="Balancer">This balancer's id.</param>
internal sealed record Forwarding(string ClientAddress, string Scheme, string Balancer);
