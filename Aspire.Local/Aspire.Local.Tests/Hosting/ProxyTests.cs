using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Local.Hosting.Proxying;
using Xunit;

namespace Aspire.Local.Tests.Hosting;

public sealed class ProxyTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Half_closed_connection_still_gets_its_answer()
    {
        await using var proxy = EndpointProxy.Listen(0);
        using var server = NewServer();
        proxy.Add(new Backend(PortOf(server)));
        using var client = await ConnectAsync(proxy.Port);
        using var accepted = await server.AcceptAsync().WaitAsync(Limit);

        await client.SendAsync(Encoding.ASCII.GetBytes("question"));
        client.Shutdown(SocketShutdown.Send);
        var question = await ReadToEndAsync(accepted);
        await accepted.SendAsync(Encoding.ASCII.GetBytes("answer"));
        accepted.Close();

        Assert.Equal("question", question);
        Assert.Equal("answer", await ReadToEndAsync(client));
    }

    [Fact]
    public async Task Large_transfer_arrives_unchanged()
    {
        await using var proxy = EndpointProxy.Listen(0);
        using var server = NewServer();
        proxy.Add(new Backend(PortOf(server)));
        var sent = new byte[3_000_000];
        Random.Shared.NextBytes(sent);
        using var client = await ConnectAsync(proxy.Port);
        using var accepted = await server.AcceptAsync().WaitAsync(Limit);

        var sending = Task.Run(async () =>
        {
            await client.SendAsync(sent);
            client.Shutdown(SocketShutdown.Send);
        });
        var received = await ReadBytesToEndAsync(accepted);
        await sending;

        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Connection_goes_to_the_next_instance_when_one_does_not_listen()
    {
        await using var proxy = EndpointProxy.Listen(0);
        using var gone = NewServer();
        proxy.Add(new Backend(PortOf(gone)));
        gone.Close();
        using var server = NewServer();
        proxy.Add(new Backend(PortOf(server)));

        for (var i = 0; i < 2; i++)
        {
            using var client = await ConnectAsync(proxy.Port);
            using var accepted = await server.AcceptAsync().WaitAsync(Limit);
        }
    }

    [Fact]
    public async Task Connection_without_an_instance_is_reset_at_once()
    {
        await using var proxy = EndpointProxy.Listen(0);

        // The reset may even overtake the news that the connection was made.
        var error = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await ConnectAsync(proxy.Port);
            await client.ReceiveAsync(new byte[1]).WaitAsync(Limit);
        });

        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task Reset_of_one_side_reaches_the_other()
    {
        await using var proxy = EndpointProxy.Listen(0);
        using var server = NewServer();
        proxy.Add(new Backend(PortOf(server)));
        using var client = await ConnectAsync(proxy.Port);
        var accepted = await server.AcceptAsync().WaitAsync(Limit);

        accepted.LingerState = new LingerOption(true, 0);
        accepted.Dispose();

        var ended = await Record.ExceptionAsync(async () => Assert.Equal(0, await client.ReceiveAsync(new byte[1]).WaitAsync(Limit)));
        Assert.True(ended is null or SocketException, ended?.ToString());
    }

    [Fact]
    public void Taken_port_is_reported()
    {
        using var other = NewServer();

        var error = Assert.Throws<SocketException>(() => EndpointProxy.Listen(PortOf(other)));

        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }

    private static Socket NewServer()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static int PortOf(Socket server) => ((IPEndPoint)server.LocalEndPoint!).Port;

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Limit);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket) => Encoding.ASCII.GetString(await ReadBytesToEndAsync(socket));

    private static async Task<byte[]> ReadBytesToEndAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[16_384];
        while (await socket.ReceiveAsync(buffer).WaitAsync(Limit) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }
}
