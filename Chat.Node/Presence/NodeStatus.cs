using Chat.Protocol;
using Microsoft.Extensions.Options;

namespace Chat.Node.Presence;

/// <summary>Where this node stands in its life, and whether the cluster knows. Safe to call from any thread.</summary>
internal sealed class NodeStatus(IOptions<NodeOptions> options, TimeProvider time)
{
    private volatile NodeState _state = NodeState.Starting;
    private long _renewedAt;

    public NodeState State => _state;

    /// <summary>Ready, and the lease is valid: the balancer sees this node, and Redis answers it.</summary>
    public bool IsReady =>
        _state == NodeState.Ready
        && Volatile.Read(ref _renewedAt) is not 0 and var at
        && time.GetElapsedTime(at) < options.Value.NodeLease;

    public bool IsDraining => _state == NodeState.Draining;

    /// <summary>Takes connections from now on. A node that drains never comes back.</summary>
    public void Open()
    {
        if (_state == NodeState.Starting)
        {
            _state = NodeState.Ready;
        }
    }

    public void Drain() => _state = NodeState.Draining;

    public void NoteRenewed() => Volatile.Write(ref _renewedAt, time.GetTimestamp());
}
