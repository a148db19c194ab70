using System.Collections.Concurrent;

namespace Chat.Balancer.Administration;

/// <summary>What an operator has said of nodes, by id, for as long as this balancer runs: a node that restarts keeps it.</summary>
internal sealed class NodeSettings
{
    private readonly ConcurrentDictionary<string, NodeSetting> _settings = new();

    public NodeSetting Of(string node) => _settings.GetOrAdd(node, _ => new NodeSetting());
}

/// <summary>Read at each pick. Safe to change and read from any thread.</summary>
internal sealed class NodeSetting
{
    private double _weight = 1;
    private volatile bool _disabled;

    /// <summary>It gets nothing new.</summary>
    public bool Disabled
    {
        get => _disabled;
        set => _disabled = value;
    }

    /// <summary>Its share compared to a node of weight 1; above 0.</summary>
    public double Weight
    {
        get => Volatile.Read(ref _weight);
        set => Volatile.Write(ref _weight, value);
    }
}
