namespace Chat.Balancer.Heads;

/// <summary>Follows a chunked body to its end without changing it. Refuses what lenient readers would frame differently.</summary>
/// <param name="lineBytesMax">Of one chunk-size line, and of all trailer fields together.</param>
internal sealed class ChunkScanner(int lineBytesMax)
{
    private const int SizeDigitsMax = 15;

    private State _state = State.Size;
    private long _size;
    private int _digits;
    private int _lineBytes;
    private bool _lineEmpty = true;
    private bool _named;

    private enum State
    {
        Size, Extension, SizeFeed, Data, DataReturn, DataFeed, Trailer, TrailerFeed, Done, Bad,
    }

    public bool Done => _state == State.Done;

    public bool Bad => _state == State.Bad;

    /// <returns>How many of the bytes belong to the body; stops at its end.</returns>
    public int Scan(ReadOnlySpan<byte> bytes)
    {
        var i = 0;
        while (i < bytes.Length && _state is not (State.Done or State.Bad))
        {
            if (_state == State.Data)
            {
                var taken = (int)Math.Min(_size, bytes.Length - i);
                (i, _size) = (i + taken, _size - taken);
                _state = _size == 0 ? State.DataReturn : State.Data;
                continue;
            }

            _state = Step(bytes[i++]);
        }

        return i;
    }

    private State Step(byte next)
    {
        if (_state is State.Size or State.Extension or State.Trailer && ++_lineBytes > lineBytesMax)
        {
            return State.Bad;
        }

        return _state switch
        {
            State.Size => Size(next),
            State.Extension => next == '\r' ? State.SizeFeed : IsText(next) ? State.Extension : State.Bad,
            State.SizeFeed => next == '\n' ? AfterSize() : State.Bad,
            State.DataReturn => next == '\r' ? State.DataFeed : State.Bad,
            State.DataFeed => next == '\n' ? StartSize() : State.Bad,
            State.Trailer => Trailer(next),
            State.TrailerFeed => next == '\n' ? AfterTrailer() : State.Bad,
            _ => State.Bad,
        };
    }

    private State Size(byte next)
    {
        if (Uri.IsHexDigit((char)next) && ++_digits <= SizeDigitsMax)
        {
            _size = (_size * 16) + (next <= '9' ? next - '0' : (next | 0x20) - 'a' + 10);
            return State.Size;
        }

        return _digits is 0 or > SizeDigitsMax ? State.Bad
            : next == ';' ? State.Extension
            : next == '\r' ? State.SizeFeed
            : State.Bad;
    }

    private State AfterSize()
    {
        _lineBytes = 0;
        return _size > 0 ? State.Data : State.Trailer;
    }

    private State StartSize()
    {
        (_digits, _size, _lineBytes) = (0, 0, 0);
        return State.Size;
    }

    private State Trailer(byte next)
    {
        if (next == '\r')
        {
            return _lineEmpty || _named ? State.TrailerFeed : State.Bad;
        }

        if (!_named && next == ':')
        {
            _named = !_lineEmpty;
            return _named ? State.Trailer : State.Bad;
        }

        _lineEmpty = false;
        return (_named ? IsText(next) : Grammar.IsToken([next])) ? State.Trailer : State.Bad;
    }

    private State AfterTrailer()
    {
        var done = _lineEmpty;
        (_lineEmpty, _named) = (true, false);
        return done ? State.Done : State.Trailer;
    }

    private static bool IsText(byte next) => next is >= 0x20 and not 0x7F or (byte)'\t';
}
