using System.Net;
using System.Net.Sockets;

namespace Chat.Benchmarks.FanOut;

/// <summary>The same with nothing but the runtime's sockets: one thread, one <see cref="Socket.Send(byte[])"/> for each member, nothing watched.</summary>
internal static class SendFanOutServer
{
    public const string Switch = "--serve-send";

    public static void Run(int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(4096);
        using var publisher = listener.Accept();
        var members = new List<Socket>();
        var frame = new byte[FanOutProtocol.FrameBytes];
        while (true)
        {
            for (var read = 0; read < frame.Length;)
            {
                var received = publisher.Receive(frame, read, frame.Length - read, SocketFlags.None);
                if (received <= 0)
                {
                    return;
                }

                read += received;
            }

            if (frame[0] == FanOutProtocol.Question)
            {
                AcceptWaiting(listener, members);
                publisher.Send(FanOutProtocol.Answer(members.Count));
                continue;
            }

            foreach (var member in members)
            {
                member.Send(frame, SocketFlags.None, out _);
            }
        }
    }

    private static void AcceptWaiting(Socket listener, List<Socket> members)
    {
        while (listener.Poll(0, SelectMode.SelectRead))
        {
            var member = listener.Accept();
            member.Blocking = false;
            member.NoDelay = true;
            members.Add(member);
        }
    }
}
