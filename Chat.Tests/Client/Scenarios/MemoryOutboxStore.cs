using Chat.Client;

namespace Chat.Tests.Client.Scenarios;

/// <summary>A store that outlives its client, and fails when it is told to.</summary>
internal sealed class MemoryOutboxStore : IOutboxStore
{
    private readonly List<StoredMessage> _messages = [];

    public bool Throws { get; set; }

    public IReadOnlyList<StoredMessage> Load() => [.. _messages];

    public void Add(StoredMessage message)
    {
        ThrowIfFull();
        _messages.Add(message);
    }

    public void MarkSent(string id, DateTimeOffset at)
    {
        ThrowIfFull();
        var index = _messages.FindIndex(message => message.Id == id);
        _messages[index] = _messages[index] with { FirstSentAt = at };
    }

    public void Remove(string id)
    {
        ThrowIfFull();
        _messages.RemoveAll(message => message.Id == id);
    }

    private void ThrowIfFull()
    {
        if (Throws)
        {
            throw new IOException("No space left on device.");
        }
    }
}
