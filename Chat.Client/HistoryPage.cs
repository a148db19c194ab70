namespace Chat.Client;

/// <summary>Older messages of a room.</summary>
/// <param name="Messages">Oldest first.</param>
/// <param name="More">Older ones exist: ask again before the first of these.</param>
public sealed record HistoryPage(IReadOnlyList<ChatMessage> Messages, bool More);
