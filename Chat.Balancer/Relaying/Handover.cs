using Chat.Balancer.Heads;

namespace Chat.Balancer.Relaying;

/// <summary>How a request ended, and what may come next on the client's connection.</summary>
/// <param name="KeepAlive">The connection is clean: another request may follow.</param>
/// <param name="Tunnel">The connection has become this tunnel.</param>
/// <param name="Refusal">Nothing has been answered yet; this is to be.</param>
internal readonly record struct Handover(bool KeepAlive, Tunnel? Tunnel = null, Refusal? Refusal = null)
{
    public static Handover Close => default;

    public static implicit operator Handover(Refusal refusal) => new(false, null, refusal);
}
