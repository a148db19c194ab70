using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Chat.Tests.Log;

/// <summary>A server that answers when the test wants it to.</summary>
public sealed class LateConfirmationTests
{
    [Fact]
    public async Task A_confirmation_that_comes_late_does_not_confirm_the_next_attempt()
    {
        using var server = new ScriptedRedis();
        var time = new FakeTimeProvider();
        var configuration = new ConfigurationOptions { EndPoints = { server.EndPoint }, AbortOnConnectFail = false, ConnectTimeout = 100 };
        await using var redis = await ConnectionMultiplexer.ConnectAsync(configuration);
        await using var connection = new SubscriptionConnection(
            redis, new RedisEndpoints(), new NodeIdentity("test", "1"), TestMetrics.Create(), Options.Create(new NodeOptions()), time, NullLogger<SubscriptionConnection>.Instance);
        await Within.Seconds(10, server.ConnectedAsync, "the node has connected");
        var marker = new TaskCompletionSource();
        var known = connection.SubscribeAsync(new ChannelSubscription("known", _ => marker.TrySetResult(), () => { }), CancellationToken.None);
        await server.ExpectAsync("SUBSCRIBE known");
        await server.AnswerAsync(Subscribed("subscribe", "known"));
        await Within.Seconds(10, known.WaitAsync, "the first channel is confirmed");

        var first = connection.SubscribeAsync(new ChannelSubscription("room", _ => { }, () => { }), CancellationToken.None);
        await server.ExpectAsync("SUBSCRIBE room");
        time.Advance(new NodeOptions().RedisDeadline);
        await Assert.ThrowsAsync<BackplaneUnavailableException>(() => first);
        await server.ExpectAsync("UNSUBSCRIBE room");
        var again = new ChannelSubscription("room", _ => { }, () => { });
        var second = connection.SubscribeAsync(again, CancellationToken.None);
        await server.ExpectAsync("SUBSCRIBE room");

        // The answer to the first attempt, and then something that shows that it was read.
        await server.AnswerAsync(Subscribed("subscribe", "room") + "*3\r\n$7\r\nmessage\r\n$5\r\nknown\r\n$1\r\nx\r\n");
        await Within.Seconds(10, marker.Task.WaitAsync, "the answer was read");
        Assert.False(again.Confirmed.Task.IsCompleted);

        await server.AnswerAsync(Subscribed("unsubscribe", "room") + Subscribed("subscribe", "room"));
        await Within.Seconds(10, second.WaitAsync, "its own answer confirms it");
    }

    private static string Subscribed(string kind, string channel) =>
        $"*3\r\n${kind.Length}\r\n{kind}\r\n${channel.Length}\r\n{channel}\r\n:1\r\n";

    /// <summary>Of all that connect, it speaks with the one that names itself as a node does.</summary>
    private sealed class ScriptedRedis : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource<NetworkStream> _node = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Channel<string> _commands = Channel.CreateUnbounded<string>();
        private readonly CancellationTokenSource _stop = new();

        public ScriptedRedis()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public EndPoint EndPoint => _listener.LocalEndpoint;

        public Task<NetworkStream> ConnectedAsync(CancellationToken cancellationToken) => _node.Task.WaitAsync(cancellationToken);

        public async Task ExpectAsync(string command) =>
            Assert.Equal(command, await Within.Seconds(10, token => _commands.Reader.ReadAsync(token).AsTask(), command));

        public async Task AnswerAsync(string resp) => await (await _node.Task).WriteAsync(Encoding.ASCII.GetBytes(resp), _stop.Token);

        public void Dispose()
        {
            _stop.Cancel();
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = ReadAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ReadAsync(TcpClient client)
        {
            using var _ = client;
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            try
            {
                while (await reader.ReadLineAsync(_stop.Token) is { } line)
                {
                    if (line.Length < 2 || line[0] != '*')
                    {
                        continue;
                    }

                    var words = new string[int.Parse(line.AsSpan(1))];
                    for (var i = 0; i < words.Length; i++)
                    {
                        await reader.ReadLineAsync(_stop.Token);
                        words[i] = await reader.ReadLineAsync(_stop.Token) ?? "";
                    }

                    if (words is ["CLIENT", "SETNAME", "chat-node-test"])
                    {
                        _node.TrySetResult(client.GetStream());
                    }
                    else if (_node.Task.IsCompletedSuccessfully && words[0].EndsWith("SUBSCRIBE", StringComparison.Ordinal) && words[1] is "room" or "known")
                    {
                        _commands.Writer.TryWrite(string.Join(' ', words));
                    }
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
            {
                // It went away, or the test is over.
            }
        }
    }
}
