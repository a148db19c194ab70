namespace Chat.Node.Backplane;

/// <summary>
/// How many rooms of this node are read anew at once. Without it an outage that ends is followed by a burst as large as the node
/// has rooms: what misses its deadline is still served by Redis, and asked for again. First come, first served.
/// </summary>
internal sealed class RepairTurns(NodeOptions options) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.RepairsMax);

    /// <exception cref="OperationCanceledException">It was not its turn yet.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await read(cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
