using System.Net;
using System.Net.Sockets;
using Chat.Benchmarks.Load;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks.FanOut;

/// <summary>One server process, the connection that publishes, and the members that read every byte and compare it.</summary>
internal sealed class FanOutCrowd : IAsyncDisposable
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    private readonly ServerProcess _server;
    private readonly Socket _publisher;
    private readonly Dictionary<int, Reader> _readers = [];
    private readonly Epoll _epoll = new();
    private readonly byte[] _frame = new byte[FanOutProtocol.FrameBytes];
    private readonly byte[] _read = new byte[4096];
    private int _number;

    private FanOutCrowd(string name, ServerProcess server, Socket publisher) => (Name, _server, _publisher) = (name, server, publisher);

    public string Name { get; }

    public int Process => _server.Id;

    /// <summary>Bytes that were not those that were sent.</summary>
    public int Wrong { get; private set; }

    public static async Task<FanOutCrowd> StartAsync(string name, string[] arguments, int members)
    {
        var port = ServerProcess.FreePort();
        var server = ServerProcess.Start(
            ServerProcess.DotNet, [typeof(FanOutCrowd).Assembly.Location, .. arguments, $"{port}"], [("DOTNET_TieredPGO", "0")]);
        Socket publisher = null!;
        await server.WaitReadyAsync(async token =>
        {
            publisher = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await publisher.ConnectAsync(IPAddress.Loopback, port, token);
            return true;
        });
        var crowd = new FanOutCrowd(name, server, publisher);
        for (var i = 0; i < members; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port);
            socket.Blocking = false;
            crowd._readers[(int)socket.Handle] = new Reader(socket);
            crowd._epoll.Add(socket);
        }

        while (crowd.Ask().Members < members)
        {
            // It accepts as fast as it can.
        }

        return crowd;
    }

    public (long Members, long AllocatedBytes) Ask()
    {
        _publisher.Send([.. Enumerable.Repeat(FanOutProtocol.Question, FanOutProtocol.FrameBytes)]);
        var answer = new byte[FanOutProtocol.AnswerBytes];
        for (var read = 0; read < answer.Length;)
        {
            read += _publisher.Receive(answer, read, answer.Length - read, SocketFlags.None);
        }

        return FanOutProtocol.Read(answer);
    }

    /// <summary>Publishes once, and reads until every member has every byte.</summary>
    /// <returns>False when some have not within half a minute.</returns>
    public bool FanOut()
    {
        FanOutProtocol.Fill(_frame, _number++);
        _publisher.Send(_frame);
        var left = (long)_readers.Count * _frame.Length;
        var started = TimeProvider.System.GetTimestamp();
        while (left > 0 && TimeProvider.System.GetElapsedTime(started) < Most)
        {
            foreach (var ready in _epoll.Wait(1000))
            {
                left -= Read(_readers[ready]);
            }
        }

        return left == 0;
    }

    public async ValueTask DisposeAsync()
    {
        _publisher.Dispose();
        foreach (var reader in _readers.Values)
        {
            reader.Socket.Dispose();
        }

        _epoll.Dispose();
        await _server.DisposeAsync();
    }

    private int Read(Reader reader)
    {
        var received = reader.Socket.Receive(_read, SocketFlags.None, out var error);
        if (error != SocketError.Success)
        {
            return 0;
        }

        // Of one frame, since the next is published only when all have this one.
        if (!_read.AsSpan(0, received).SequenceEqual(_frame.AsSpan(reader.Place, Math.Min(received, _frame.Length - reader.Place))))
        {
            Wrong++;
        }

        reader.Place = (reader.Place + received) % _frame.Length;
        return received;
    }

    private sealed class Reader(Socket socket)
    {
        public Socket Socket => socket;

        public int Place { get; set; }
    }
}
