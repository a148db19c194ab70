using Chat.Lab.Cluster;
using Chat.Node.Backplane;
using Chat.Tests.Support;

namespace Chat.Tests.Log;

public sealed class RedisCallsTests
{
    [Fact]
    public async Task A_call_that_the_client_cancels_by_itself_is_one_that_failed()
    {
        await using var server = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var log = await LogHarness.ConnectAsync(server);

        await Assert.ThrowsAsync<BackplaneUnavailableException>(
            () => log.Calls.RunAsync(Task.FromCanceled<int>(new CancellationToken(canceled: true)), CancellationToken.None));
    }

    [Fact]
    public async Task A_call_that_its_caller_cancels_is_cancelled()
    {
        await using var server = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var log = await LogHarness.ConnectAsync(server);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => log.Calls.RunAsync(new TaskCompletionSource<int>().Task, new CancellationToken(canceled: true)));
    }
}
