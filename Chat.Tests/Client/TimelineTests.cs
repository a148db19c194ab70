using Chat.Client;
using Chat.Protocol;
using Chat.Protocol.Frames;
using CsCheck;

namespace Chat.Tests.Client;

/// <summary>A timeline against the simplest model: a log that grows, and answers joins as a node does.</summary>
public sealed class TimelineTests
{
    private const string Room = "lobby";
    private const int NewestMax = 3;
    private const int RecoveryMax = 6;

    private enum Step
    {
        Written,
        LiveNext,
        LiveLost,
        LiveAgain,
        Cut,
        Answer,
        Renamed,
    }

    [Fact]
    public void Whatever_is_lost_doubled_or_cut_what_is_shown_is_the_log_or_the_loss_is_told() =>
        Gen.Enum<Step>().Array[0, 120].Sample(steps =>
        {
            var world = new World();
            world.Answer();
            foreach (var step in steps)
            {
                world.Take(step);
            }

            world.Settle();
            world.AssertShownIsTheLog();
        });

    /// <summary>A node with one log, and what the timeline has shown of it.</summary>
    private sealed class World
    {
        private readonly Timeline _timeline = new();
        private readonly List<RoomEvent> _shown = [];
        private string _epoch = "e0";
        private long _top;
        private long _sent;
        private bool _live;
        private bool _renamed;

        public void Take(Step step)
        {
            switch (step)
            {
                case Step.Written:
                    _top++;
                    break;
                case Step.LiveNext when _live && _sent < _top:
                    Live(++_sent);
                    break;
                case Step.LiveLost when _live && _sent < _top:
                    _sent++;
                    break;
                case Step.LiveAgain when _live && _sent > 0:
                    Live(Math.Max(1, _sent - 2));
                    break;
                case Step.Cut:
                    _live = false;
                    _timeline.Disconnect();
                    break;
                case Step.Answer when !_live || _timeline.Rejoining:
                    Answer();
                    break;
                case Step.Renamed:
                    (_epoch, _renamed) = ($"e{_epoch.Length}-{_top}-{_shown.Count}", true);
                    break;
            }
        }

        /// <summary>As a node answers a join from the timeline's position.</summary>
        public void Answer()
        {
            var after = _timeline.Last;
            var recovered = after is null || (after.Epoch == _epoch && _top - after.Offset is >= 0 and <= RecoveryMax);
            var first = after is not null && recovered ? after.Offset + 1 : Math.Max(1, _top - NewestMax + 1);
            _shown.AddRange(_timeline.Apply(new JoinedFrame(Room, _epoch, _top, recovered, [.. Between(first, _top)])));
            (_sent, _live) = (_top, true);
        }

        /// <summary>One more message, live: whoever has a hole sees it now, and asks.</summary>
        public void Settle()
        {
            if (!_live)
            {
                Answer();
            }

            _sent = ++_top;
            Live(_top);
            if (_timeline.Rejoining)
            {
                Answer();
            }
        }

        public void AssertShownIsTheLog()
        {
            long? last = null;
            foreach (var happened in _shown)
            {
                switch (happened)
                {
                    case ContinuityLost lost:
                        // Told where the log was renamed, or too much was missed; what follows ends at its position.
                        Assert.True(_renamed || lost.To.Offset - lost.From.Offset > RecoveryMax);
                        last = Math.Max(0, lost.To.Offset - NewestMax);
                        break;
                    case MessageReceived received:
                        Assert.Equal((last ?? (received.Message.Offset - 1)) + 1, received.Message.Offset);
                        last = received.Message.Offset;
                        break;
                }
            }

            Assert.Equal(_top, last);
            Assert.Equal(new Position(_epoch, _top), _timeline.Last);
        }

        private void Live(long offset)
        {
            if (_timeline.Apply(Message(offset)))
            {
                _shown.Add(new MessageReceived(Message(offset)));
            }
        }

        private IEnumerable<MessageFrame> Between(long first, long last)
        {
            for (var offset = first; offset <= last; offset++)
            {
                yield return Message(offset);
            }
        }

        private MessageFrame Message(long offset) => ScriptedNode.Message(Room, offset, _epoch);
    }
}
