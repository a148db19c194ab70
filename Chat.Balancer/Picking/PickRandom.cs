using Microsoft.Extensions.Options;

namespace Chat.Balancer.Picking;

/// <summary>What picks are drawn from, and nothing else: with <see cref="BalancerOptions.Seed"/> the same draws again. Safe to call from any thread.</summary>
internal sealed class PickRandom(IOptions<BalancerOptions> options)
{
    public Random Source { get; } = options.Value.Seed is { } seed ? new Seeded(seed) : Random.Shared;

    private sealed class Seeded(int seed) : Random
    {
        private readonly Random _random = new(seed);
        private readonly Lock _gate = new();

        protected override double Sample() => throw new NotSupportedException();

        public override int Next(int maxValue)
        {
            lock (_gate)
            {
                return _random.Next(maxValue);
            }
        }

        public override double NextDouble()
        {
            lock (_gate)
            {
                return _random.NextDouble();
            }
        }
    }
}
