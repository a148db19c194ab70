using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Guard;
using Xunit;

namespace Aspire.Local.Tests.Hosting;

/// <summary>Whatever ends a run, nothing of it stays. These look into /proc.</summary>
public sealed class OrphanTests
{
    /// <summary>Does not end when asked to, and has children that left their parent, their group and their session.</summary>
    private const string Stubborn =
        """trap "" TERM HUP; setsid sh -c "trap '' TERM HUP; sleep 9871; sleep 9871" & (sleep 9872 &) ; sleep 9873; sleep 9873""";

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Nothing_is_left_when_the_app_host_is_killed()
    {
        await using var host = new AppHostProcess("--Script=" + Stubborn);
        await host.PrintsAsync("is healthy");
        await Eventually.IsAsync(() => host.Count("sleep 987") >= 3, EndLimit, "the grandchildren run");

        host.Kill();

        await Eventually.IsAsync(() => host.Members.Count == 0, EndLimit, "every process has ended");
    }

    [Fact]
    public async Task Nothing_is_left_when_the_app_host_is_asked_to_end_and_its_exit_code_is_0()
    {
        await using var host = new AppHostProcess("--Script=" + Stubborn, "--AspireLocal:StopLimit=00:00:00.5");
        await host.PrintsAsync("is healthy");
        await Eventually.IsAsync(() => host.Count("sleep 987") >= 3, EndLimit, "the grandchildren run");

        host.Terminate();

        Assert.Equal(0, await host.ExitAsync());
        Assert.Empty(host.Members);
    }

    [Fact]
    public async Task Nothing_is_left_when_the_whole_group_of_the_app_host_is_killed()
    {
        await using var host = new AppHostProcess("--Script=" + Stubborn);
        await host.PrintsAsync("is healthy");

        host.SignalGroup("KILL");

        await Eventually.IsAsync(() => host.Members.Count == 0, EndLimit, "every process has ended");
    }

    [Fact]
    public async Task Nothing_is_left_when_the_dotnet_run_that_started_the_app_host_is_killed()
    {
        await using var run = AppHostProcess.RunByDotnet();
        await run.PrintsAsync("is healthy");

        run.Kill();

        await Eventually.IsAsync(() => run.Members.Count == 0, EndLimit * 2, "every process has ended");
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task Signal_of_the_terminal_stops_waiters_before_what_they_wait_for(string signal)
    {
        await using var host = new AppHostProcess("--Front=true");
        await host.PrintsAsync("front: http://");

        host.SignalGroup(signal);

        Assert.Equal(0, await host.ExitAsync());
        Assert.Empty(host.Members);
        Assert.Matches("(?s)front-[a-z]+ has ended with exit code 0.*service-[a-z]+ has ended with exit code 0", host.Output);
    }

    [Fact]
    public async Task App_host_that_is_stopped_while_it_starts_leaves_nothing_and_its_exit_code_is_0()
    {
        await using var host = new AppHostProcess("--Front=true", "--AspireLocal:HealthPeriodUntilHealthy=00:01:00");
        await host.PrintsAsync("waits for service");

        host.Terminate();

        Assert.Equal(0, await host.ExitAsync());
        Assert.Empty(host.Members);
    }

    [Fact]
    public async Task Guard_that_is_killed_is_replaced_and_knows_everything()
    {
        await using var host = new AppHostProcess("--Script=sleep 9874");
        await host.PrintsAsync("is healthy");
        var guard = host.Members.Single(member => AppHostProcess.IsRunning(member, "Aspire.Local.Guard.dll"));

        using (var process = System.Diagnostics.Process.GetProcessById(guard.Id))
        {
            process.Kill();
        }

        await Eventually.IsAsync(
            () => host.Members.Any(member => member.Id != guard.Id && AppHostProcess.IsRunning(member, "Aspire.Local.Guard.dll")), EndLimit, "another guard runs");
        host.Kill();
        await Eventually.IsAsync(() => host.Members.Count == 0, EndLimit, "every process has ended");
    }

    [Fact]
    public async Task Grandchildren_of_a_stopped_instance_end_with_it()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddExecutable("shell", "sh", ".", "-c", "setsid sleep 9875 & sleep 9876"));
        var shell = await app.WaitAsync("shell", KnownResourceStates.Running);
        var tree = new RunProcesses("/" + shell.ResourceId + ";", TimeProvider.System);
        await Eventually.IsAsync(() => tree.Find([], 0).Count >= 2, EndLimit, "the grandchild runs");

        await app.Application.ResourceCommands.ExecuteCommandAsync(shell.ResourceId, KnownResourceCommands.StopCommand, app.Token);

        Assert.Empty(tree.Find([], 0));
    }

    [Fact]
    public async Task Disposal_of_an_application_that_was_never_stopped_ends_its_processes()
    {
        var app = await TestApp.StartAsync(builder => builder.AddExecutable("shell", "sh", ".", "-c", Stubborn), "--AspireLocal:StopLimit=00:00:00.5");
        var shell = await app.WaitAsync("shell", KnownResourceStates.Running);
        var tree = new RunProcesses("/" + shell.ResourceId + ";", TimeProvider.System);

        await app.DisposeAsync();

        Assert.Empty(tree.Find([], 0));
    }
}
