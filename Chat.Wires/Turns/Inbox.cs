namespace Chat.Wires.Turns;

/// <summary>What other threads hand to a loop. The first of a batch wakes it; the others find it awake.</summary>
/// <param name="wake">Wakes the loop from its wait. From any thread.</param>
internal sealed class Inbox(Action wake)
{
    private readonly Lock _lock = new();
    private List<(Action<object?> Action, object? State)> _incoming = [];
    private List<(Action<object?> Action, object? State)> _running = [];
    private bool _asleep;
    private bool _closed;

    /// <returns>False once the loop has ended: nobody will run it.</returns>
    public bool TryAdd(Action<object?> action, object? state)
    {
        bool wakes;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _incoming.Add((action, state));
            wakes = _asleep;
            _asleep = false;
        }

        if (wakes)
        {
            wake();
        }

        return true;
    }

    /// <summary>Asked by the loop before it waits. From now on the next addition wakes it.</summary>
    /// <returns>False when something is here already.</returns>
    public bool TrySleep()
    {
        lock (_lock)
        {
            _asleep = _incoming.Count == 0;
            return _asleep;
        }
    }

    /// <summary>Runs what is here now, on the loop.</summary>
    public void RunAll(Action<Exception> failed)
    {
        lock (_lock)
        {
            _asleep = false;
            (_incoming, _running) = (_running, _incoming);
        }

        foreach (var (action, state) in _running)
        {
            try
            {
                action(state);
            }
#pragma warning disable CA1031 // Whoever posted it is gone: it must not take the loop's wires along.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failed(exception);
            }
        }

        _running.Clear();
    }

    /// <returns>False when something came meanwhile, which is to be run first.</returns>
    public bool TryClose()
    {
        lock (_lock)
        {
            _closed = _incoming.Count == 0;
            return _closed;
        }
    }
}
