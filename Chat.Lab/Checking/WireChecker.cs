using Chat.Protocol;

namespace Chat.Lab.Checking;

/// <summary>
/// What a node put on the wire, before the client's own protection dropped and ordered it: after the answer to a join each message comes once,
/// and in order. Whatever the client had to mend counts, though nobody saw it.
/// </summary>
internal static class WireChecker
{
    public static void Check(string room, View view, Anomalies anomalies)
    {
        var reader = new Reader(room, view.User, anomalies);
        foreach (var frame in view.Record.Wire)
        {
            reader.Read(frame);
        }

        reader.End();
    }

    private sealed class Reader(string room, string user, Anomalies anomalies)
    {
        private readonly HashSet<(string Author, string Id)> _unnumbered = [];
        private Position? _last;
        private Position? _top;
        private bool _first = true;

        /// <summary>No message of the answer has come yet.</summary>
        private bool _begins;

        /// <summary>What is missing since the client has seen a hole.</summary>
        private (long From, long To)? _hole;

        /// <summary>After a hole the client takes nothing until the answer to its new join.</summary>
        private bool _rejoining;

        public void Read(WireRecord frame)
        {
            switch (frame.Kind)
            {
                case WireKind.Joined:
                    End();
                    Answered(frame);
                    break;
                case WireKind.Answer:
                    Next(frame);
                    break;
                case WireKind.Live when frame.At.Offset == Position.Unnumbered:
                    EndAnswer();
                    if (!_unnumbered.Add((frame.Author, frame.Id)))
                    {
                        Note(AnomalyKind.WireRepeat, frame);
                    }

                    break;
                case WireKind.Live:
                    EndAnswer();
                    Live(frame);
                    break;
            }
        }

        public void End()
        {
            EndAnswer();
            EndHole();
        }

        private void Answered(WireRecord joined)
        {
            // What follows what the client has, if the node says that nothing is missing; else anything that leads to the top.
            _last = joined.Recovered && !_first ? _last : null;
            (_top, _first, _rejoining, _begins) = (joined.At, false, false, true);
        }

        private void Next(WireRecord frame)
        {
            // Where an answer begins is the client's doing: if it did not wait for one, it asked again from the same position, and has two.
            var again = _last is not null && frame.At.Offset <= _last.Offset;
            if (again && !_begins)
            {
                Note(AnomalyKind.WireRepeat, frame);
                return;
            }

            _begins = false;
            if (_last is not null && frame.At.Offset > _last.Offset + 1)
            {
                Note(AnomalyKind.WireHole, frame);
            }

            _last = frame.At;
        }

        private void EndAnswer()
        {
            if (_top is not { } top)
            {
                return;
            }

            if (_last is not null && _last.Offset < top.Offset)
            {
                anomalies.Add(AnomalyKind.WireHole, room, () => $"{user}'s answer to a join ends at {_last.Offset}, and says that the top is {top.Offset}");
            }

            (_last, _top) = (top, null);
        }

        private void Live(WireRecord frame)
        {
            if (_rejoining || _last is null)
            {
                if (_hole is { } hole && frame.At.Offset >= hole.From && frame.At.Offset <= hole.To)
                {
                    _hole = null;
                    Note(AnomalyKind.WireDisorder, frame);
                }
            }
            else if (frame.At.Epoch == _last.Epoch && frame.At.Offset <= _last.Offset)
            {
                Note(AnomalyKind.WireRepeat, frame);
            }
            else if (frame.At.Epoch != _last.Epoch || frame.At.Offset > _last.Offset + 1)
            {
                (_hole, _rejoining) = ((_last.Offset + 1, frame.At.Offset - 1), true);
            }
            else
            {
                _last = frame.At;
            }
        }

        private void EndHole()
        {
            if (_hole is { } hole)
            {
                anomalies.Add(AnomalyKind.WireHole, room, () => $"{user} was sent nothing from {hole.From} to {hole.To}, and what follows");
            }

            _hole = null;
        }

        private void Note(AnomalyKind kind, WireRecord frame) =>
            anomalies.Add(kind, room, () => $"{user} was sent {frame.Author}/{frame.Id} at {frame.At.Epoch}:{frame.At.Offset}, after {_last?.Offset}");
    }
}
