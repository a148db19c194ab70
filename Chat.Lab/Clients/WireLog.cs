using System.Collections.Concurrent;
using Chat.Lab.Checking;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Lab.Clients;

/// <summary>What came for one room on a client's connections, before the client dropped or ordered any of it. Safe to call from any thread.</summary>
internal sealed class WireLog
{
    private readonly ConcurrentQueue<WireRecord> _frames = new();

    public IReadOnlyList<WireRecord> Frames => [.. _frames];

    public void Receive(ServerFrame frame)
    {
        switch (frame)
        {
            case JoinedFrame joined:
                _frames.Enqueue(new WireRecord(WireKind.Joined, new Position(joined.Epoch, joined.Offset), "", "", joined.Recovered));
                foreach (var message in joined.Messages)
                {
                    Note(WireKind.Answer, message);
                }

                break;
            case MessageFrame message:
                Note(WireKind.Live, message);
                break;
        }
    }

    private void Note(WireKind kind, MessageFrame message) =>
        _frames.Enqueue(new WireRecord(kind, new Position(message.Epoch, message.Offset), message.Author, message.Id, Recovered: false));
}
