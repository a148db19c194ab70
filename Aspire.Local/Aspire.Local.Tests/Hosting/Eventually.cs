namespace Aspire.Local.Tests.Hosting;

/// <summary>Waits for what nobody announces, such as the end of somebody else's process.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    public static async Task IsAsync(Func<bool> condition, TimeSpan limit, string what)
    {
        using var timer = new PeriodicTimer(Period);
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {what}.");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
