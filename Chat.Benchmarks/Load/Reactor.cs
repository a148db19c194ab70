using System.Diagnostics;
using System.Net.Sockets;

namespace Chat.Benchmarks.Load;

/// <summary>All clients of a run, on one thread.</summary>
internal sealed class Reactor : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(20);

    private readonly Epoll _poll = new();
    private readonly Dictionary<int, Action<byte[]>> _readers = [];
    private readonly PriorityQueue<Action, long> _timers = new();
    private readonly byte[] _buffer = new byte[BufferBytes];

    /// <param name="read">Called when there is something to read, with a buffer to read into.</param>
    public void Add(Socket socket, Action<byte[]> read)
    {
        _readers[(int)socket.Handle] = read;
        _poll.Add(socket);
    }

    public void Remove(Socket socket)
    {
        if (_readers.Remove((int)socket.Handle))
        {
            _poll.Remove(socket);
        }
    }

    /// <summary>Does something later, as exactly as a turn is short.</summary>
    public void After(TimeSpan delay, Action act) =>
        _timers.Enqueue(act, Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency));

    /// <summary>Lets things happen for a time.</summary>
    public void Run(TimeSpan time, Pace? pace = null) => RunUntil(() => false, time, pace);

    /// <returns>Whether it came true in time.</returns>
    public bool RunUntil(Func<bool> done, TimeSpan most, Pace? pace = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!done())
        {
            var left = most - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            while (_timers.TryPeek(out _, out var due) && due <= Stopwatch.GetTimestamp())
            {
                _timers.Dequeue()();
            }

            var next = pace?.Act() ?? Turn;
            var wait = TimeSpan.FromTicks(Math.Min(Math.Min(next.Ticks, left.Ticks), Turn.Ticks));
            foreach (var ready in _poll.Wait(Math.Max(1, (int)Math.Ceiling(wait.TotalMilliseconds))))
            {
                if (_readers.TryGetValue(ready, out var read))
                {
                    read(_buffer);
                }
            }
        }

        return true;
    }

    public void Dispose() => _poll.Dispose();
}

/// <summary>Does something so many times a second, evenly, whether or not the servers keep up.</summary>
internal sealed class Pace(double perSecond, Action act)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _done;

    /// <summary>Does what is due.</summary>
    /// <returns>The time until more is.</returns>
    public TimeSpan Act()
    {
        while (true)
        {
            var due = TimeSpan.FromSeconds(_done / perSecond) - Stopwatch.GetElapsedTime(_start);
            if (due > TimeSpan.Zero)
            {
                return due;
            }

            act();
            _done++;
        }
    }
}
