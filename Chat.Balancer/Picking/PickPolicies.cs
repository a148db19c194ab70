namespace Chat.Balancer.Picking;

internal static class PickPolicies
{
    public static readonly IReadOnlyList<string> Names = ["round-robin", "least-connections", "power-of-two", "hash"];

    public static IPickPolicy Create(BalancerOptions options, Random random) => options.Policy switch
    {
        "round-robin" => new RoundRobin(),
        "least-connections" => new LeastConnections(random),
        "hash" => new BoundedHash(options.HashLoadRatioMax),
        _ => new PowerOfTwo(random),
    };
}
