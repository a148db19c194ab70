namespace Chat.Wires.Timing;

/// <summary>Timers by their time: setting, changing and clearing one is logarithmic, and allocates nothing.</summary>
internal sealed class TimerHeap
{
    private LoopTimer[] _timers = new LoopTimer[16];
    private int _count;

    public int Count => _count;

    /// <summary>Of the next timer; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextDue => _count == 0 ? long.MaxValue : _timers[0].Due;

    public void Set(LoopTimer timer, long due)
    {
        timer.Due = due;
        if (timer.Place < 0)
        {
            if (_count == _timers.Length)
            {
                Array.Resize(ref _timers, _count * 2);
            }

            Put(timer, _count++);
        }

        Up(timer.Place);
        Down(timer.Place);
    }

    public void Clear(LoopTimer timer)
    {
        var place = timer.Place;
        if (place < 0)
        {
            return;
        }

        timer.Place = LoopTimer.Nowhere;
        var last = _timers[--_count];
        _timers[_count] = null!;
        if (place < _count)
        {
            Put(last, place);
            Up(place);
            Down(last.Place);
        }
    }

    /// <returns>The next timer whose time has come, taken out; null when there is none.</returns>
    public LoopTimer? TakeDue(long now)
    {
        if (NextDue > now || _count == 0)
        {
            return null;
        }

        var timer = _timers[0];
        Clear(timer);
        return timer;
    }

    private void Up(int place)
    {
        var timer = _timers[place];
        while (place > 0 && _timers[(place - 1) / 2] is var parent && parent.Due > timer.Due)
        {
            Put(parent, place);
            place = (place - 1) / 2;
        }

        Put(timer, place);
    }

    private void Down(int place)
    {
        var timer = _timers[place];
        while ((place * 2) + 1 is var child && child < _count)
        {
            child += child + 1 < _count && _timers[child + 1].Due < _timers[child].Due ? 1 : 0;
            if (_timers[child].Due >= timer.Due)
            {
                break;
            }

            Put(_timers[child], place);
            place = child;
        }

        Put(timer, place);
    }

    private void Put(LoopTimer timer, int place)
    {
        _timers[place] = timer;
        timer.Place = place;
    }
}
