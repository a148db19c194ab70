using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Chat.Lab.Faults;

/// <summary>
/// A TCP proxy on loopback whose faults are switched while connections stand. Bounded: so many tunnels, so many bytes in each.
/// All that it holds is gone when it is disposed.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private const int TunnelsMax = 4096;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<FaultTunnel, Task> _tunnels = new();
    private readonly CancellationTokenSource _stop = new();
    private volatile IPEndPoint _target;
    private readonly Socket _reserved;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private readonly Func<double> _random;
    private volatile FaultState _state;

    private FaultProxy(int targetPort, int seed)
    {
        _random = Seeds.Shared(seed, "jitter");
        _state = new FaultState(Fault.Pass, new FaultStrength(), _random);
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);

        // Bound and never listening: it keeps the port ours while connections are refused.
        _reserved = Bind(0);
        Port = ((IPEndPoint)_reserved.LocalEndPoint!).Port;
        Listen();
    }

    public int Port { get; }

    public Fault Fault => _state.Fault;

    /// <summary>Tunnels that stand now.</summary>
    public int Open => _tunnels.Count;

    /// <param name="targetPort">Need not be listened on yet.</param>
    /// <param name="seed">Decides the jitter of delays.</param>
    public static FaultProxy Start(int targetPort, int seed = 0) => new(targetPort, seed);

    /// <summary>Switches the fault, for connections that stand and for those to come.</summary>
    public void Set(Fault fault, TimeSpan delay = default) => Set(fault, new FaultStrength(delay));

    /// <inheritdoc cref="Set(Fault, TimeSpan)"/>
    public void Set(Fault fault, FaultStrength strength)
    {
        lock (_gate)
        {
            var before = _state;
            _state = new FaultState(fault, strength, _random);
            if (fault == Fault.Refuse)
            {
                _listener?.Dispose();
                _listener = null;
            }
            else if (_listener is null && !_stop.IsCancellationRequested)
            {
                Listen();
            }

            before.MarkChanged();
        }

        if (fault == Fault.Refuse)
        {
            Cut();
        }
    }

    /// <summary>Resets every connection that stands; new ones are taken.</summary>
    public void Cut()
    {
        foreach (var tunnel in _tunnels.Keys)
        {
            tunnel.Reset();
        }
    }

    /// <summary>New connections go to another port; those that stand are reset.</summary>
    public void Retarget(int port)
    {
        _target = new IPEndPoint(IPAddress.Loopback, port);
        Cut();
    }

    /// <summary>
    /// Nothing comes through any more on those connections that stand now and carry a subscription, and their ends never learn of it.
    /// Others, and new ones, are whole: a subscription that is dead and looks alive.
    /// </summary>
    /// <returns>How many there were.</returns>
    public int Deafen()
    {
        var subscriptions = _tunnels.Keys.Where(tunnel => tunnel.Subscribes).ToArray();
        foreach (var tunnel in subscriptions)
        {
            tunnel.Deafen();
        }

        return subscriptions.Length;
    }

    public async ValueTask DisposeAsync()
    {
        Task accepting;
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            _stop.Cancel();
            _listener?.Dispose();
            _reserved.Dispose();
            accepting = _accepting;
        }

        await accepting;
        Cut();
        await Task.WhenAll(_tunnels.Values);
        _stop.Dispose();
    }

    private void Listen()
    {
        _listener = Bind(Port);
        _listener.Listen(512);
        _accepting = AcceptAsync(_listener, _accepting);
    }

    private async Task AcceptAsync(Socket listener, Task before)
    {
        await before;
        while (true)
        {
            try
            {
                Begin(await listener.AcceptAsync());
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Begin(Socket client)
    {
        var tunnel = new FaultTunnel(client, _target, () => _state);
        if (_tunnels.Count >= TunnelsMax)
        {
            tunnel.Reset();
        }

        var running = new TaskCompletionSource();
        _tunnels[tunnel] = running.Task;
        _ = RunAsync(tunnel, running);

        // A cut or a refusal that came between the accept and here has not seen it.
        if (_state.Fault == Fault.Refuse || _stop.IsCancellationRequested)
        {
            tunnel.Reset();
        }
    }

    private async Task RunAsync(FaultTunnel tunnel, TaskCompletionSource running)
    {
        await tunnel.RunAsync();
        _tunnels.TryRemove(tunnel, out _);
        running.SetResult();
    }

    private static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }
}
