using Chat.Balancer.Destinations;

namespace Chat.Balancer.Picking;

/// <summary>Chooses one of several destinations that may all be used. Safe to call from any thread.</summary>
internal interface IPickPolicy
{
    /// <param name="candidates">At least one, ordered by id.</param>
    /// <param name="key">Whose connection it is; only hash cares.</param>
    DestinationView Pick(ReadOnlySpan<DestinationView> candidates, PickKey key);
}
