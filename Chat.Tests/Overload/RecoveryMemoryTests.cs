using System.Collections.Concurrent;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Log;
using Chat.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Overload;

public sealed class RecoveryMemoryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task No_more_is_read_at_once_than_may_be_and_who_comes_first_is_served_first()
    {
        var memory = new RecoveryMemory(bytesMax: 10, TimeSpan.FromSeconds(3), _time);
        var (order, gate) = (new ConcurrentQueue<int>(), new TaskCompletionSource());
        Task<int> Read(int number, long bytes) => memory.RunAsync(
            bytes,
            async () =>
            {
                order.Enqueue(number);
                await gate.Task;
                return number;
            },
            CancellationToken.None);

        var first = Read(1, 6);
        var second = Read(2, 6);
        var third = Read(3, 1);

        // The third would fit: it waits behind the second all the same.
        Assert.Equal([1], order);
        Assert.Equal(6, memory.Bytes);

        gate.SetResult();
        await Within.Seconds(10, Task.WhenAll(first, second, third).WaitAsync, "all have been read");
        Assert.Equal([1, 2, 3], order.Order());
        Assert.Equal(0, memory.Bytes);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_to_come_again_and_holds_up_nobody()
    {
        var memory = new RecoveryMemory(bytesMax: 10, TimeSpan.FromSeconds(3), _time);
        var gate = new TaskCompletionSource();
        var first = memory.RunAsync(100, async () => { await gate.Task; return 1; }, CancellationToken.None);
        var second = memory.RunAsync(5, () => Task.FromResult(2), CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<BackplaneUnavailableException>(() => second);
        gate.SetResult();
        await first;

        Assert.Equal(3, await memory.RunAsync(10, () => Task.FromResult(3), CancellationToken.None));
        Assert.Equal(0, memory.Bytes);
    }
}
