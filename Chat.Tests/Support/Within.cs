using System.Runtime.CompilerServices;

namespace Chat.Tests.Support;

/// <summary>Waits that end: with what was waited for, or with a failure that names it.</summary>
internal static class Within
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public static async Task<T> Seconds<T>(
        double seconds, Func<CancellationToken, Task<T>> wait, [CallerArgumentExpression(nameof(wait))] string what = "")
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            return await wait(limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Not within {seconds} s: {what}");
        }
    }

    public static Task Seconds(
        double seconds, Func<CancellationToken, Task> wait, [CallerArgumentExpression(nameof(wait))] string what = "") =>
        Seconds(
            seconds,
            async token =>
            {
                await wait(token);
                return true;
            },
            what);

    /// <summary>For what announces itself to nobody.</summary>
    public static Task True(double seconds, Func<Task<bool>> holds, [CallerArgumentExpression(nameof(holds))] string what = "") =>
        Seconds(
            seconds,
            async token =>
            {
                while (!await holds())
                {
                    await Task.Delay(Poll, TimeProvider.System, token);
                }
            },
            what);
}
