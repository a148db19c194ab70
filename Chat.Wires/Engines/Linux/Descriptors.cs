namespace Chat.Wires.Engines.Linux;

/// <summary>Who has which descriptor. The kernel gives the lowest free number, so an array is dense.</summary>
internal sealed class Descriptors<T>
    where T : class
{
    private T?[] _owners = new T?[1024];

    public int Count { get; private set; }

    public T? this[int descriptor] => (uint)descriptor < (uint)_owners.Length ? _owners[descriptor] : null;

    public void Add(int descriptor, T owner)
    {
        if (descriptor >= _owners.Length)
        {
            Array.Resize(ref _owners, Math.Max(descriptor + 1, _owners.Length * 2));
        }

        _owners[descriptor] = owner;
        Count++;
    }

    /// <summary>Before the descriptor is closed: its number may then be another's.</summary>
    public void Remove(int descriptor)
    {
        _owners[descriptor] = null;
        Count--;
    }

    /// <summary>A copy: closing changes the table.</summary>
    public IReadOnlyList<T> All() => [.. _owners.OfType<T>()];
}
