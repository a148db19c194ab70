using Microsoft.Extensions.Options;

namespace Chat.Client;

/// <summary>Finds everything that is wrong with the options, not only the first.</summary>
internal sealed class ChatClientOptionsValidator : IValidateOptions<ChatClientOptions>
{
    /// <exception cref="OptionsValidationException">Says what is wrong.</exception>
    public static void Check(ChatClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Problems(options).ToArray() is { Length: > 0 } problems)
        {
            throw new OptionsValidationException(nameof(ChatClientOptions), typeof(ChatClientOptions), problems);
        }
    }

    public ValidateOptionsResult Validate(string? name, ChatClientOptions options) =>
        Problems(options).ToArray() is { Length: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;

    private static IEnumerable<string> Problems(ChatClientOptions options) =>
    [
        .. Entrance(options),
        .. Times(options).Where(time => time.Value <= TimeSpan.Zero).Select(time => $"{time.Name} is above zero."),
        .. Waits(options).Where(wait => wait.Value <= TimeSpan.Zero && wait.Value != Timeout.InfiniteTimeSpan)
            .Select(wait => $"{wait.Name} is above zero, or infinite."),
        .. Counts(options).Where(count => count.Value < 1).Select(count => $"{count.Name} is at least 1."),
        .. Relations(options),
    ];

    private static IEnumerable<string> Entrance(ChatClientOptions options)
    {
        if (options.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" or "ws" or "wss" })
        {
            yield return "Url is an absolute address: http, https, ws or wss.";
        }

        if (options.Token is null)
        {
            yield return "Token is set: it gives the token of the user.";
        }
    }

    private static IEnumerable<(string Name, TimeSpan Value)> Times(ChatClientOptions options) =>
    [
        (nameof(options.ConnectTimeout), options.ConnectTimeout),
        (nameof(options.AckTimeout), options.AckTimeout),
        (nameof(options.ResendWithin), options.ResendWithin),
        (nameof(options.JoinRetry), options.JoinRetry),
        (nameof(options.BackoffMin), options.BackoffMin),
        (nameof(options.StableAfter), options.StableAfter),
        (nameof(options.SilenceSlack), options.SilenceSlack),
        (nameof(options.TypingPeriod), options.TypingPeriod),
        (nameof(options.ReadPeriod), options.ReadPeriod),
        (nameof(options.RefreshBefore), options.RefreshBefore),
        (nameof(options.RefreshRetry), options.RefreshRetry),
    ];

    private static IEnumerable<(string Name, TimeSpan Value)> Waits(ChatClientOptions options) =>
    [
        (nameof(options.StartTimeout), options.StartTimeout),
        (nameof(options.JoinTimeout), options.JoinTimeout),
        (nameof(options.HistoryTimeout), options.HistoryTimeout),
    ];

    private static IEnumerable<(string Name, int Value)> Counts(ChatClientOptions options) =>
    [
        (nameof(options.JoinsMax), options.JoinsMax),
        (nameof(options.ReadsMax), options.ReadsMax),
        (nameof(options.OutboxMessagesMax), options.OutboxMessagesMax),
        (nameof(options.RoomEventsMax), options.RoomEventsMax),
        (nameof(options.FrameBytesMax), options.FrameBytesMax),
    ];

    private static IEnumerable<string> Relations(ChatClientOptions options)
    {
        if (options.BackoffMax < options.BackoffMin)
        {
            yield return "BackoffMax is not less than BackoffMin.";
        }

        if (options.ResendWithin <= options.AckTimeout)
        {
            yield return "ResendWithin is longer than AckTimeout: otherwise nothing is ever sent again.";
        }
    }
}
