namespace Chat.Wires.Sending;

/// <summary>Wires with something to send at the end of the turn, each once.</summary>
internal sealed class DirtyWires
{
    private List<Wire> _gathering = [];
    private List<Wire> _taken = [];

    public void Add(Wire wire)
    {
        if (!wire.Dirty)
        {
            wire.Dirty = true;
            _gathering.Add(wire);
        }
    }

    public bool IsEmpty => _gathering.Count == 0;

    /// <returns>Those of this turn, valid until the next call. Who becomes dirty meanwhile is of the next turn.</returns>
    public List<Wire> Take()
    {
        _taken.Clear();
        (_gathering, _taken) = (_taken, _gathering);
        foreach (var wire in _taken)
        {
            wire.Dirty = false;
        }

        return _taken;
    }
}
