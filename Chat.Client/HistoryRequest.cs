namespace Chat.Client;

/// <summary>Somebody waits for a page of older messages.</summary>
internal sealed record HistoryRequest(long Before, int Limit)
{
    public TaskCompletionSource<HistoryPage> Page { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOnItsWay { get; set; }
}
