using Chat.Client;

namespace Chat.Tests.Support;

internal static class ChatClientExtensions
{
    /// <summary>Waits until the client is connected, to this node if one is named, or to another than one named.</summary>
    public static async Task<string> ConnectedAsync(this ChatClient client, string? notTo = null)
    {
        var connected = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check(ConnectionStatus status)
        {
            if (status is { State: ConnectionState.Connected, Node: { } node } && node != notTo)
            {
                connected.TrySetResult(node);
            }
        }

        client.StatusChanged += Check;
        try
        {
            Check(client.Status);
            await client.StartAsync(TestContext.Current.CancellationToken);
            return await Within.Seconds(30, token => connected.Task.WaitAsync(token), $"connected, not to {notTo ?? "none"}");
        }
        finally
        {
            client.StatusChanged -= Check;
        }
    }

    /// <summary>The next messages of a room, as many as asked for.</summary>
    public static Task<IReadOnlyList<ChatMessage>> TakeAsync(this ChatRoom room, int count, double seconds = 30) =>
        Within.Seconds<IReadOnlyList<ChatMessage>>(
            seconds,
            async token =>
            {
                var messages = new List<ChatMessage>(count);
                if (count > 0)
                {
                    await foreach (var message in room.ReadMessagesAsync(token))
                    {
                        messages.Add(message);
                        if (messages.Count == count)
                        {
                            break;
                        }
                    }
                }

                return messages;
            },
            $"{count} messages in {room.Name}");
}
