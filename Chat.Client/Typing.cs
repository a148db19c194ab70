using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>Says now and then that the user is writing. Under the session's gate.</summary>
internal sealed class Typing(Wire wire)
{
    public void Notify(ChatRoom room)
    {
        if (room.Link.Phase == JoinPhase.In && room.Link.TypingDue <= wire.Now)
        {
            room.Link.TypingDue = wire.Now + wire.Options.TypingPeriod;
            wire.Send(new TypingFrame(room.Name));
        }
    }
}
