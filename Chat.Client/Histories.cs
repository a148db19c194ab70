using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>Asks for pages of older messages, one at a time per room: the answer does not say which question it belongs to. Under the session's gate.</summary>
internal sealed class Histories(Wire wire)
{
    /// <summary>Asks for what waits first, if the room is joined.</summary>
    public void Next(ChatRoom room)
    {
        var waiting = room.Link.History;
        while (waiting.TryPeek(out var done) && done.Page.Task.IsCompleted)
        {
            // Given up by who asked for it. Its answer, should it still come, does not fit the next question.
            waiting.Dequeue();
        }

        if (wire.IsOpen && room.Link.Phase == JoinPhase.In && waiting.TryPeek(out var first) && !first.IsOnItsWay)
        {
            first.IsOnItsWay = true;
            wire.Send(new HistoryRequestFrame(room.Name, first.Before, first.Limit));
        }
    }

    public void Answered(ChatRoom room, HistoryFrame page)
    {
        // A page ends right before the offset asked for: one that does not answers an earlier question.
        if (OnItsWay(room) is { } request && (page.Messages.Count == 0 || page.Messages[^1].Offset == request.Before - 1))
        {
            request.Page.TrySetResult(new HistoryPage([.. page.Messages.Select(ChatMessage.From)], page.More));
            Next(room);
        }
    }

    /// <returns>False when nobody waits for a page of the room.</returns>
    public bool Refused(ChatRoom room, ErrorFrame error)
    {
        if (OnItsWay(room) is not { } request)
        {
            return false;
        }

        request.Page.TrySetException(new ChatException(error.Code, error.Message));
        Next(room);
        return true;
    }

    public static void FailAll(ChatRoom room, Exception error)
    {
        while (room.Link.History.TryDequeue(out var request))
        {
            request.Page.TrySetException(error);
        }
    }

    private static HistoryRequest? OnItsWay(ChatRoom room) =>
        room.Link.History.TryPeek(out var first) && first.IsOnItsWay && !first.Page.Task.IsCompleted ? first : null;
}
