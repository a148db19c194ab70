namespace Chat.Lab.Processes;

/// <summary>Waits that end: with what was waited for, or with a failure that names it.</summary>
internal static class Await
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <exception cref="TimeoutException">Not in time.</exception>
    public static async Task<T> Seconds<T>(
        double seconds, Func<CancellationToken, Task<T>> wait, string what, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            return await wait(limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Not within {seconds} s: {what}");
        }
    }

    /// <exception cref="TimeoutException">Not in time.</exception>
    public static Task Seconds(double seconds, Func<CancellationToken, Task> wait, string what, CancellationToken cancellationToken) => Seconds(
        seconds,
        async token =>
        {
            await wait(token);
            return true;
        },
        what,
        cancellationToken);

    /// <summary>For what announces itself to nobody.</summary>
    /// <exception cref="TimeoutException">Not in time.</exception>
    public static Task True(double seconds, Func<Task<bool>> holds, string what, CancellationToken cancellationToken) => Seconds(
        seconds,
        async token =>
        {
            while (!await holds())
            {
                await Task.Delay(Poll, TimeProvider.System, token);
            }
        },
        what,
        cancellationToken);
}
