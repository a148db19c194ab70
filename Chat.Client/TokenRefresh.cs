using Chat.Protocol.Frames;
using Microsoft.Extensions.Logging;

namespace Chat.Client;

/// <summary>Gives the node a new token before the present one expires, and tries again where that fails.</summary>
internal sealed partial class TokenRefresh(ChatClientOptions options, ILogger logger)
{
    /// <summary>A timer takes no longer time than some weeks.</summary>
    private static readonly TimeSpan DelayMax = TimeSpan.FromDays(1);

    private readonly ILogger _logger = logger;
    private volatile CancellationTokenSource? _waiting;
    private volatile bool _refused;

    /// <summary>Runs until cancelled, or until a token does not say when it expires.</summary>
    /// <param name="token">The one the connection was opened with.</param>
    public async Task RunAsync(string token, IFrameSocket socket, CancellationToken cancellationToken)
    {
        var least = TimeSpan.Zero;
        while (TokenLife.Of(token) is { } life)
        {
            var left = life.Left(options.Time.GetUtcNow());

            // A token that lives no longer than that is replaced when half of its time is over.
            var wait = left - options.RefreshBefore > left / 2 ? left - options.RefreshBefore : left / 2;
            await WaitAsync(Max(Max(wait, least), options.RefreshRetry), cancellationToken).ConfigureAwait(false);
            token = await RenewAsync(cancellationToken).ConfigureAwait(false);
            socket.Send(new RefreshFrame(token));
            least = TokenLife.Of(token)?.PeriodMin ?? TimeSpan.Zero;
        }
    }

    /// <summary>The node did not take the token that was sent last: the next one is asked for soon.</summary>
    public void Refused()
    {
        LogRefused();
        _refused = true;
        _waiting?.Cancel();
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using (var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            _waiting = waiting;
            for (var left = wait; left > TimeSpan.Zero && !waiting.IsCancellationRequested; left -= DelayMax)
            {
                await Task.Delay(left < DelayMax ? left : DelayMax, options.Time, waiting.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            _waiting = null;
        }

        if (_refused)
        {
            _refused = false;
            await Task.Delay(options.BackoffMax, options.Time, cancellationToken).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<string> RenewAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.RefreshRetry, Max(options.BackoffMax, options.RefreshRetry), jitter: false);
        while (true)
        {
            try
            {
                using var limit = new CancellationTokenSource(options.ConnectTimeout, options.Time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                return await options.Token(either.Token).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever a token provider throws: the present token is still good, and there is time to try again.
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogNotRenewed(exception);
            }

            await Task.Delay(backoff.Next(), options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(LogLevel.Warning, "No new token could be had; the present one is still in force")]
    private partial void LogNotRenewed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The node did not take the new token")]
    private partial void LogRefused();
}
