using System.Net;
using System.Net.Sockets;
using System.Text;
using Chat.Lab.Faults;
using Chat.Tests.Support;

namespace Chat.Tests.Lab;

/// <summary>The proxy itself: a fault that is none proves nothing.</summary>
public sealed class FaultProxyTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(150);

    [Fact]
    public async Task Bytes_pass_both_ways_and_the_end_of_either_side_is_passed_on()
    {
        await using var pair = await Pair.OpenAsync();

        await SendAsync(pair.Client, "there");
        await SendAsync(pair.Server, "back");
        pair.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("there", await ReceiveAsync(pair.Server, 5));
        Assert.Equal("back", await ReceiveAsync(pair.Client, 4));
        Assert.Equal("", await ReceiveAsync(pair.Server, 1));
        pair.Server.Dispose();
        Assert.Equal("", await ReceiveAsync(pair.Client, 1));
        await Within.True(5, () => Task.FromResult(pair.Proxy.Open == 0));
    }

    [Fact]
    public async Task A_delay_holds_every_byte_back_and_keeps_their_order()
    {
        await using var pair = await Pair.OpenAsync();
        pair.Proxy.Set(Fault.Delay, 2 * Silence); // Twice what is asserted: a timer may be early by its grain.
        var started = TimeProvider.System.GetTimestamp();

        await SendAsync(pair.Client, "one ");
        await SendAsync(pair.Client, "two");

        Assert.Equal("one two", await ReceiveAsync(pair.Server, 7));
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= Silence);
    }

    [Fact]
    public async Task A_cut_resets_both_ends_and_the_next_connection_passes()
    {
        await using var pair = await Pair.OpenAsync();

        pair.Proxy.Cut();

        Assert.True(await IsResetAsync(pair.Client));
        Assert.True(await IsResetAsync(pair.Server));
        using var next = await pair.ConnectAsync();
        using var server = await pair.AcceptAsync();
        await SendAsync(next, "hello");
        Assert.Equal("hello", await ReceiveAsync(server, 5));
    }

    [Fact]
    public async Task A_refusal_refuses_resets_and_ends_on_the_same_port()
    {
        await using var pair = await Pair.OpenAsync();

        pair.Proxy.Set(Fault.Refuse);

        Assert.True(await IsResetAsync(pair.Client));
        var refused = await Assert.ThrowsAsync<SocketException>(pair.ConnectAsync);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        pair.Proxy.Set(Fault.Pass);
        using var next = await pair.ConnectAsync();
        using var server = await pair.AcceptAsync();
        await SendAsync(next, "hello");
        Assert.Equal("hello", await ReceiveAsync(server, 5));
    }

    [Fact]
    public async Task A_black_hole_takes_connections_and_bytes_and_gives_nothing_until_it_ends()
    {
        await using var pair = await Pair.OpenAsync();
        pair.Proxy.Set(Fault.BlackHole);

        await SendAsync(pair.Client, "there");
        await SendAsync(pair.Server, "back");
        using var late = await pair.ConnectAsync();

        await AssertSilentAsync(pair.Server);
        await AssertSilentAsync(pair.Client);
        pair.Proxy.Set(Fault.Pass);
        Assert.Equal("there", await ReceiveAsync(pair.Server, 5));
        Assert.Equal("back", await ReceiveAsync(pair.Client, 4));
        using var server = await pair.AcceptAsync();
        await SendAsync(late, "late");
        Assert.Equal("late", await ReceiveAsync(server, 4));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_one_way_black_hole_lets_the_other_way_pass(bool toTarget)
    {
        await using var pair = await Pair.OpenAsync();
        var (open, closed) = toTarget ? (pair.Client, pair.Server) : (pair.Server, pair.Client);
        pair.Proxy.Set(toTarget ? Fault.BlackHoleToTarget : Fault.BlackHoleFromTarget);

        await SendAsync(open, "lost");
        await SendAsync(closed, "heard");

        Assert.Equal("heard", await ReceiveAsync(open, 5));
        await AssertSilentAsync(closed);
    }

    [Fact]
    public async Task A_black_hole_holds_a_bounded_number_of_bytes()
    {
        await using var pair = await Pair.OpenAsync();
        pair.Proxy.Set(Fault.BlackHole);
        var sent = 0L;

        using var full = new CancellationTokenSource(Silence, TimeProvider.System);
        try
        {
            for (var bytes = new byte[65536]; sent < 1 << 30;)
            {
                sent += await pair.Client.SendAsync(bytes.AsMemory(), full.Token);
                full.CancelAfter(Silence);
            }
        }
        catch (OperationCanceledException)
        {
            // It takes no more: that is the point.
        }

        Assert.InRange(sent, 1, 64 << 20);
    }

    [Fact]
    public async Task Nothing_is_left_of_a_proxy_that_is_disposed_under_way()
    {
        var pair = await Pair.OpenAsync();
        pair.Proxy.Set(Fault.BlackHole);
        using var waiting = await pair.ConnectAsync();

        await pair.Proxy.DisposeAsync();

        Assert.Equal(0, pair.Proxy.Open);
        Assert.True(await IsResetAsync(waiting));
        await Assert.ThrowsAsync<SocketException>(pair.ConnectAsync);
        await pair.DisposeAsync();
    }

    private static async Task SendAsync(Socket socket, string text) =>
        Assert.Equal(text.Length, await socket.SendAsync(Encoding.ASCII.GetBytes(text).AsMemory()));

    private static Task<string> ReceiveAsync(Socket socket, int count) => Within.Seconds(
        5,
        async token =>
        {
            var bytes = new byte[count];
            var read = 0;
            for (var more = 1; read < count && more > 0; read += more)
            {
                more = await socket.ReceiveAsync(bytes.AsMemory(read), token);
            }

            return Encoding.ASCII.GetString(bytes, 0, read);
        },
        $"{count} bytes");

    private static async Task AssertSilentAsync(Socket socket)
    {
        using var silence = new CancellationTokenSource(Silence, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await socket.ReceiveAsync(new byte[1].AsMemory(), silence.Token));
    }

    private static async Task<bool> IsResetAsync(Socket socket)
    {
        var exception = await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(socket, 1));
        return exception.SocketErrorCode == SocketError.ConnectionReset;
    }

    /// <summary>Both ends of one connection through a proxy.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        private Pair()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            Proxy = FaultProxy.Start(((IPEndPoint)_listener.LocalEndPoint!).Port);
        }

        public FaultProxy Proxy { get; }

        public Socket Client { get; private set; } = null!;

        public Socket Server { get; private set; } = null!;

        public static async Task<Pair> OpenAsync()
        {
            var pair = new Pair();
            pair.Client = await pair.ConnectAsync();
            pair.Server = await pair.AcceptAsync();
            return pair;
        }

        public async Task<Socket> ConnectAsync()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, Proxy.Port);
            return socket;
        }

        public Task<Socket> AcceptAsync() => Within.Seconds(5, token => _listener.AcceptAsync(token).AsTask());

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            Server.Dispose();
            _listener.Dispose();
            await Proxy.DisposeAsync();
        }
    }
}
