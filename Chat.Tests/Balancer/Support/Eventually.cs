namespace Chat.Tests.Balancer.Support;

internal static class Eventually
{
    /// <summary>Looks again and again until it holds, or fails with what it was waiting for.</summary>
    public static async Task HoldsAsync(string what, Func<bool> holds, double seconds = 10)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!holds())
        {
            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not within {seconds} s: {what}");
            }
        }
    }
}
