using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Parts;

/// <summary>Redraws at most four times a second, and only when what it shows has changed.</summary>
public abstract class LivePage : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource _ended = new();
    private Task _watching = Task.CompletedTask;
    private long _shown = -1;

    [Inject]
    protected TimeProvider Clock { get; set; } = default!;

    /// <summary>Holds the page still while someone reads.</summary>
    protected bool IsPaused { get; private set; }

    protected CancellationToken Ended => _ended.Token;

    /// <summary>Grows whenever what the page shows has changed.</summary>
    protected abstract long Version { get; }

    /// <summary>Takes a snapshot of what the page shows.</summary>
    protected abstract void Load();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        await DisposePageAsync();
        _ended.Dispose();
        GC.SuppressFinalize(this);
    }

    protected virtual ValueTask DisposePageAsync() => ValueTask.CompletedTask;

    protected void Reload()
    {
        _shown = Version;
        Load();
    }

    protected void TogglePause()
    {
        IsPaused = !IsPaused;
        Reload();
    }

    protected override void OnParametersSet() => Reload();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && !_ended.IsCancellationRequested)
        {
            _watching = WatchAsync();
        }
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Period, Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
            {
                if (!IsPaused && Version != _shown)
                {
                    Reload();
                    StateHasChanged();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (Exception e)
        {
            // Nobody awaits this loop while the page lives: without this a bug would look like silence.
            await DispatchExceptionAsync(e);
        }
    }
}
