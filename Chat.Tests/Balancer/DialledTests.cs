using System.Net.Sockets;
using Chat.Balancer.Wires;
using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

/// <summary>What a failed connect says of the node, and what it says of this machine alone.</summary>
public sealed class DialledTests
{
    private const int NoPortLeft = 99;
    private const int NoDescriptorLeft = 24;

    [Theory]
    [InlineData(NoPortLeft)]
    [InlineData(NoDescriptorLeft)]
    public void What_this_machine_lacks_says_nothing_of_the_node(int error) =>
        Assert.Equal(DialFailure.Here, Dialled.Failed(error).Failure);

    [Theory]
    [InlineData("Engine=auto")]
    [InlineData("Engine=sockets")]
    public async Task Nobody_listening_is_certain_and_counts_for_no_connection(string engine)
    {
        var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine);
        node.Dispose();
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(TestBalancer.WebSocketRequest);

        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        var destination = balancer.Table.Current[0].Destination;
        Assert.Equal((false, 0), (destination.Health.Healthy, destination.Connections));
    }

    [Fact]
    public void An_answer_that_is_late_is_not_certain()
    {
        using var late = new CancellationTokenSource();
        late.Cancel();

        Assert.Equal(DialFailure.Late, Dialled.Failed(new ObjectDisposedException("socket"), late.Token).Failure);
        Assert.Equal(DialFailure.Refused, Dialled.Failed(new SocketException((int)SocketError.ConnectionRefused), CancellationToken.None).Failure);
    }
}
