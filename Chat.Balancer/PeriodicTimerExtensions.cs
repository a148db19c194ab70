namespace Chat.Balancer;

internal static class PeriodicTimerExtensions
{
    /// <returns>True at the next tick, false when the program is stopping.</returns>
    public static async ValueTask<bool> NextAsync(this PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
