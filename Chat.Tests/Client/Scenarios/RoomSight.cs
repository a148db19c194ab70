using Chat.Client;

namespace Chat.Tests.Client.Scenarios;

/// <summary>A room as a page shows it: after a loss it begins anew with the newest.</summary>
internal sealed class RoomSight
{
    public List<ChatMessage> Messages { get; } = [];

    public List<string> Typing { get; } = [];

    public bool Lost { get; private set; }

    public void Look(ChatRoom room)
    {
        while (room.TakeEvent() is { } happened)
        {
            switch (happened)
            {
                case MessageReceived received:
                    Messages.Add(received.Message);
                    Typing.Remove(received.Message.Author);
                    break;
                case ContinuityLost:
                    Messages.Clear();
                    Lost = true;
                    break;
                case UserTyping typing:
                    Typing.Add(typing.User);
                    break;
            }
        }
    }
}
