using Chat.Tests.Wires.Support;
using Chat.Wires;
using Chat.Wires.Engines;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chat.Tests.Wires;

/// <summary>Which engine runs, and what is said about it.</summary>
public sealed class EngineChoiceTests
{
    private const uint IoUringSetup = 425;

    [Fact]
    public void Kernel_that_refuses_io_uring_gets_epoll_and_the_reason_is_said()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone has the choice.");

        var choice = Seccomp.Without(IoUringSetup, () => EngineChoice.Choose(new WireOptions()));

        Assert.Equal(WireEngine.Epoll, choice.Engine);
        Assert.Contains("EPERM", choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Io_uring_that_was_asked_for_and_is_refused_is_an_error_and_no_silent_epoll()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone has the choice.");

        var failure = Assert.Throws<NotSupportedException>(
            () => Seccomp.Without(IoUringSetup, () => EngineChoice.Choose(new WireOptions { Engine = WireEngine.IoUring })));

        Assert.Contains("EPERM", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Engine_that_was_asked_for_runs_and_is_logged(WireEngine engine)
    {
        Engines.Require(engine);
        var log = new LogLines();

        using var loops = WireLoops.Start(new WireOptions { Engine = engine, Loops = 2 }, TimeProvider.System, log);

        Assert.Equal((engine, 2), (loops.Engine, loops.All.Count));
        Assert.NotSame(loops.Next(), loops.Next());
        Assert.StartsWith($"Wires on {engine}: ", Assert.Single(log.All), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_contradict_each_other_start_nothing()
    {
        WireOptions[] wrong =
        [
            new() { Loops = -1 }, new() { TurnBytesMax = 0 }, new() { ReceiveBuffers = 1000 }, new() { SubmissionsMax = 65536 },
            new() { DirectSendBytesMin = 100_000 }, new() { PooledBytesMax = -1 }, new() { AcceptPause = TimeSpan.Zero },
        ];

        Assert.All(wrong, options => Assert.Throws<ArgumentException>(
            () => WireLoops.Start(options, TimeProvider.System, NullLogger.Instance)));
    }
}
