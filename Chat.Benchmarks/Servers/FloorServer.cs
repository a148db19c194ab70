using System.Net;
using System.Net.Sockets;
using Chat.Benchmarks.Load;

namespace Chat.Benchmarks.Servers;

/// <summary>
/// The floor: one thread, no rooms but the path, no Redis, no queues. A frame that comes in is built once and written to each
/// socket, and whoever does not take it misses it. What the system calls cost, not a design.
/// </summary>
internal static class FloorServer
{
    public const string Switch = "--serve-floor";

    /// <summary>Where a balancer in front may ask whether it is there.</summary>
    public const string HealthPath = "/health/ready";

    // The answer to the one key that the load generator sends.
    private static readonly byte[] Accepted = System.Text.Encoding.ASCII.GetBytes(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n");

    public static void Run(int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(4096);
        listener.Blocking = false;
        using var poll = new Epoll();
        var rooms = new Dictionary<string, List<Guest>>();
        var guests = new Dictionary<int, Guest>();
        var buffer = new byte[64 * 1024];
        poll.Add(listener);
        while (true)
        {
            foreach (var ready in poll.Wait(1000))
            {
                if (ready == (int)listener.Handle)
                {
                    Accept(listener, poll, guests);
                }
                else if (guests.TryGetValue(ready, out var guest))
                {
                    Read(guest, buffer, rooms, guests);
                }
            }
        }
    }

    private static void Accept(Socket listener, Epoll poll, Dictionary<int, Guest> guests)
    {
        while (listener.Poll(0, SelectMode.SelectRead))
        {
            var socket = listener.Accept();
            socket.Blocking = false;
            socket.NoDelay = true;
            guests[(int)socket.Handle] = new Guest(socket);
            poll.Add(socket);
        }
    }

    private static void Read(Guest guest, byte[] buffer, Dictionary<string, List<Guest>> rooms, Dictionary<int, Guest> guests)
    {
        var read = guest.Socket.Receive(buffer, SocketFlags.None, out var error);
        if (read == 0 && error != SocketError.WouldBlock)
        {
            guests.Remove((int)guest.Socket.Handle);
            guest.Room?.Remove(guest);
            guest.Socket.Dispose();
        }
        else if (guest.Room is null)
        {
            // The load generator sends its request in one piece, and nothing before it has the answer.
            var path = System.Text.Encoding.ASCII.GetString(buffer, 0, read).Split(' ')[1];
            if (path == HealthPath)
            {
                guest.Socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8);
                return;
            }

            guest.Socket.Send(Accepted);
            if (!rooms.TryGetValue(path, out var room))
            {
                rooms[path] = room = [];
            }

            guest.Room = room;
            room.Add(guest);
        }
        else
        {
            FanOut(buffer.AsSpan(0, read), guest.Room);
        }
    }

    private static void FanOut(ReadOnlySpan<byte> bytes, List<Guest> room)
    {
        while (WebSocketFraming.TryReadClientFrame(ref bytes, out var payload))
        {
            var frame = WebSocketFraming.ServerText(payload);
            foreach (var member in room)
            {
                member.Socket.Send(frame, SocketFlags.None, out _);
            }
        }
    }

    private sealed class Guest(Socket socket)
    {
        public Socket Socket => socket;

        public List<Guest>? Room { get; set; }
    }
}
