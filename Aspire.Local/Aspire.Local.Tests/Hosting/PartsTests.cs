using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Guard;
using Aspire.Local.Hosting.Launching;
using Aspire.Local.Hosting.Output;
using Aspire.Local.Hosting.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Aspire.Local.Tests.Hosting;

/// <summary>The parts that need no process.</summary>
public sealed class PartsTests
{
    [Theory]
    [InlineData("""a "b c" d""", "a|b c|d")]
    [InlineData("""--x="1 2" \"q\" "" """, "--x=1 2|\"q\"|")]
    [InlineData("   ", "")]
    public void Command_line_is_split_at_spaces_outside_quotes(string line, string expected) =>
        Assert.Equal(expected, string.Join('|', CommandLine.Split(line)));

    [Theory]
    [InlineData("other", "other")]
    [InlineData("missing", "http")]
    [InlineData(null, "http")]
    [InlineData("browser", "http")]
    public void Profile_of_the_wanted_name_is_taken_and_else_http(string? wanted, string expected)
    {
        var settings = new LaunchSettings
        {
            Profiles =
            {
                ["browser"] = new LaunchProfile { CommandName = "IISExpress" },
                ["other"] = new LaunchProfile { CommandName = "Project" },
                ["http"] = new LaunchProfile { CommandName = "Project" },
            },
        };

        Assert.Equal(expected, LaunchProfiles.Choose(settings, wanted)?.Name);
    }

    [Fact]
    public async Task Output_keeps_the_newest_lines_within_its_limits()
    {
        var log = new ConsoleLog(linesMax: 3, charsMax: 10, new FakeTimeProvider());

        await LineReader.CopyAsync(new StringReader("one\r\ntwo\nthree\nfour\nfive"), line => log.Add(line, isError: false));

        Assert.Equal([(4, "four"), (5, "five")], log.Snapshot().Select(entry => (entry.Line.LineNumber, entry.Line.Content)));
    }

    [Fact]
    public async Task Endless_line_is_cut()
    {
        var lines = new List<string>();

        await LineReader.CopyAsync(new StringReader(new string('x', LineReader.LineCharsMax + 1)), lines.Add);

        Assert.Equal([LineReader.LineCharsMax, 1], lines.Select(line => line.Length));
    }

    [Fact]
    public async Task What_waits_for_others_stops_before_them()
    {
        var (redis, node, balancer) = (new ProjectResource("redis"), new ProjectResource("node"), new ProjectResource("balancer"));
        node.Annotations.Add(new WaitAnnotation(redis, WaitType.WaitUntilHealthy));
        balancer.Annotations.Add(new WaitAnnotation(node, WaitType.WaitUntilHealthy));
        var stopped = new List<string>();

        await StopOrder.RunAsync([redis, node, balancer], resource =>
        {
            stopped.Add(resource.Name);
            return Task.CompletedTask;
        });

        Assert.Equal(["balancer", "node", "redis"], stopped);
    }

    [Fact]
    public async Task Taken_port_is_a_problem_of_its_resource_alone()
    {
        using var ports = new PortReservations();
        var port = ports.Take();
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        other.Start();
        var (unlucky, lucky) = (new ProjectResource("unlucky"), new ProjectResource("lucky"));
        unlucky.Annotations.Add(new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, "http", port: port));
        lucky.Annotations.Add(new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, "http"));

        await using var topology = Topology.Create(
            new DistributedApplicationModel(new ResourceCollection { unlucky, lucky }), randomizePorts: false, () => new ConsoleLog(1, 1, TimeProvider.System));

        Assert.Contains($"Port {port} for 'unlucky' is taken", topology.ProblemOf(unlucky), StringComparison.Ordinal);
        Assert.Null(topology.ProblemOf(lucky));
    }

    [Fact]
    public void Run_inside_a_run_carries_both_marks()
    {
        var inner = RunMarker.Value(RunMarker.Value(null, "outer", "a"), "inner", "b");

        Assert.Contains(RunMarker.Mark("outer"), inner, StringComparison.Ordinal);
        Assert.Contains(RunMarker.Mark("inner", "b"), inner, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_are_never_given_the_same_port()
    {
        using var one = new PortReservations();
        using var two = new PortReservations();

        var taken = Enumerable.Range(0, 200).SelectMany(_ => new[] { one.Take(), two.Take() }).ToArray();

        Assert.Equal(taken.Length, taken.Distinct().Count());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("9lives", false)]
    [InlineData("a--b", false)]
    [InlineData("a-", false)]
    [InlineData("node-1", true)]
    public void Resource_name_is_checked(string name, bool valid) =>
        Assert.Equal(valid, Record.Exception(() => new ProjectResource(name)) is null);
}
