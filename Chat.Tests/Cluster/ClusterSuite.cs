namespace Chat.Tests.Cluster;

/// <summary>Suites that start clusters run one after the other, when nothing else runs: they are about time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClusterSuite
{
    public const string Name = "Cluster";
}
