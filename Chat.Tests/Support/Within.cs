using System.Runtime.CompilerServices;
using Chat.Lab.Processes;

namespace Chat.Tests.Support;

/// <summary>Waits that end: with what was waited for, with a failure that names it, or with the test.</summary>
internal static class Within
{
    public static Task<T> Seconds<T>(
        double seconds, Func<CancellationToken, Task<T>> wait, [CallerArgumentExpression(nameof(wait))] string what = "") =>
        Await.Seconds(seconds, wait, what, TestContext.Current.CancellationToken);

    public static Task Seconds(
        double seconds, Func<CancellationToken, Task> wait, [CallerArgumentExpression(nameof(wait))] string what = "") =>
        Await.Seconds(seconds, wait, what, TestContext.Current.CancellationToken);

    /// <summary>For what announces itself to nobody.</summary>
    public static Task True(double seconds, Func<Task<bool>> holds, [CallerArgumentExpression(nameof(holds))] string what = "") =>
        Await.True(seconds, holds, what, TestContext.Current.CancellationToken);
}
