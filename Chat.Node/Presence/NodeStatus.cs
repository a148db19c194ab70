using Chat.Protocol;
using Microsoft.Extensions.Options;

namespace Chat.Node.Presence;

/// <summary>Where this node stands in its life, and whether the cluster knows. Safe to call from any thread.</summary>
internal sealed class NodeStatus(IOptions<NodeOptions> options, TimeProvider time) : IDisposable
{
    private volatile NodeState _state = NodeState.Starting;
    private volatile bool _refused;
    private long _renewedAt;
    private readonly CancellationTokenSource _drainRequested = new();
    private readonly TaskCompletionSource _drainAnnounced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heardAt;
    private int _greetedWell;

    public NodeState State => _state;

    /// <summary>Ready, and part of the cluster: Redis answers, and what is published arrives.</summary>
    public bool IsReady => _state == NodeState.Ready && !IsCutOff;

    /// <summary>Nothing can be sent here: cut off from Redis, or Redis takes no more.</summary>
    public bool IsDegraded => IsCutOff || IsRefused;

    /// <summary>Redis answers, and refuses to write: it is full. All nodes are as badly off, so it is no reason to go to another.</summary>
    public bool IsRefused => _refused;

    /// <summary>The lease is not renewed, or the canary does not come back.</summary>
    private bool IsCutOff => !IsWithin(ref _renewedAt, options.Value.NodeLease) || !Hears;

    /// <summary>The canary came back not long ago.</summary>
    public bool Hears => IsWithin(ref _heardAt, options.Value.CanaryTimeout);

    public bool IsDraining => _state == NodeState.Draining;

    /// <summary>Takes connections from now on. A node that drains never comes back.</summary>
    public void Open()
    {
        if (_state == NodeState.Starting)
        {
            _state = NodeState.Ready;
        }
    }

    public void Drain()
    {
        _state = NodeState.Draining;
        _drainRequested.Cancel();
    }

    /// <summary>Set once the node has begun to drain.</summary>
    public CancellationToken DrainRequested => _drainRequested.Token;

    /// <summary>Ends when the cluster has been told that this node drains.</summary>
    public Task DrainAnnounced => _drainAnnounced.Task;

    public void NoteDrainAnnounced() => _drainAnnounced.TrySetResult();

    public void Dispose() => _drainRequested.Dispose();

    public void NoteRenewed() => Volatile.Write(ref _renewedAt, time.GetTimestamp());

    public void NoteRefused() => _refused = true;

    public void NoteWritten() => _refused = false;

    /// <summary>A client was told nothing of a trouble, when it came.</summary>
    public void NoteGreetedWell() => Volatile.Write(ref _greetedWell, 1);

    /// <returns>True when there was such a client since this was asked last.</returns>
    public bool TakeGreetedWell() => Interlocked.Exchange(ref _greetedWell, 0) == 1;

    public void NoteHeard() => Volatile.Write(ref _heardAt, time.GetTimestamp());

    private bool IsWithin(ref long since, TimeSpan limit) =>
        Volatile.Read(ref since) is not 0 and var at && time.GetElapsedTime(at) < limit;
}
