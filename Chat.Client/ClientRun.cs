namespace Chat.Client;

/// <summary>From a start to its end.</summary>
internal sealed class ClientRun : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Connector? Connector { get; set; }

    public CancellationToken Stopping => _stop.Token;

    public bool HasEnded => _ended.Task.IsCompleted;

    public void End() => _ended.TrySetResult();

    public async Task StopAsync()
    {
        _stop.Cancel();
        await _ended.Task.ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();
}
