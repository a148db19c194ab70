using Microsoft.Extensions.Options;

namespace Chat.Balancer.Admission;

/// <summary>How many refused clients may hold a connection while they read their answer: they are not counted among those that are served.</summary>
internal sealed class RefusedPlaces(IOptions<BalancerOptions> options) : IDisposable
{
    private readonly int _max = options.Value.RefusedConnectionsMax;
    private readonly SemaphoreSlim _free = new(options.Value.RefusedConnectionsMax);

    public int Taken => _max - _free.CurrentCount;

    /// <returns>Null when all are taken.</returns>
    public IDisposable? TryTake() => _free.Wait(0) ? new Place(_free) : null;

    public async ValueTask<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return new Place(_free);
    }

    public void Dispose() => _free.Dispose();

    private sealed class Place(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
