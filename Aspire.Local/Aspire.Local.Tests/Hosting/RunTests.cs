using System.Net.WebSockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Xunit;

namespace Aspire.Local.Tests.Hosting;

public sealed class RunTests
{
    [Fact]
    public async Task Replicas_share_an_address_and_differ_in_identity_and_port()
    {
        await using var app = await TestApp.StartAsync(null, "--Replicas=2");
        await app.Notifications.WaitForResourceHealthyAsync("service", app.Token);

        var answers = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add(await app.GetAsync("/"));
        }

        var instances = app.Instances("service");
        Assert.Equal(2, answers.Count);
        Assert.Equal(instances.Select(i => $"service.instance.id={i.ResourceId["service-".Length..]}").Order(), answers.Order());
        Assert.Equal(2, instances.Select(i => i.Variable("ASPNETCORE_URLS")).Distinct().Count());
        Assert.All(instances, i => Assert.Equal("service", i.Variable("OTEL_SERVICE_NAME")));
    }

    [Fact]
    public async Task Waiter_starts_after_all_replicas_are_healthy_and_is_told_their_address()
    {
        await using var app = await TestApp.StartAsync(null, "--Replicas=2", "--Front=true");
        await app.Notifications.WaitForResourceHealthyAsync("front", app.Token);

        var address = await app.GetAsync("/env/services__service__http__0", "front");

        Assert.Equal(app.Application.GetEndpoint("service").ToString().TrimEnd('/'), address);
        var front = Assert.Single(app.Instances("front"));
        Assert.All(app.Instances("service"), i => Assert.True(i.Snapshot.StartTimeStamp < front.Snapshot.StartTimeStamp));
    }

    [Fact]
    public async Task Process_gets_the_variables_of_its_launch_profile_and_of_telemetry()
    {
        await using var app = await TestApp.StartAsync();

        await app.Notifications.WaitForResourceHealthyAsync("service", app.Token);

        Assert.Equal("yes", await app.GetAsync("/env/FROM_PROFILE"));
        Assert.Equal("http", await app.GetAsync("/env/DOTNET_LAUNCH_PROFILE"));
        Assert.Equal("http://localhost:4317", await app.GetAsync("/env/OTEL_EXPORTER_OTLP_ENDPOINT"));
        Assert.Equal("grpc", await app.GetAsync("/env/OTEL_EXPORTER_OTLP_PROTOCOL"));
        Assert.Equal("always_on", await app.GetAsync("/env/OTEL_TRACES_SAMPLER"));
    }

    [Fact]
    public async Task Stopped_replica_leaves_the_others_serving_and_can_be_started_again()
    {
        await using var app = await TestApp.StartAsync(null, "--Replicas=2");
        await app.Notifications.WaitForResourceHealthyAsync("service", app.Token);
        var (stopped, other) = (app.Instances("service")[0].ResourceId, app.Instances("service")[1].ResourceId);

        var result = await app.Application.ResourceCommands.ExecuteCommandAsync(stopped, KnownResourceCommands.StopCommand, app.Token);

        Assert.True(result.Success, result.ErrorMessage);
        Assert.Equal(0, (await app.WaitAsync(stopped, KnownResourceStates.Finished)).Snapshot.ExitCode);
        for (var i = 0; i < 4; i++)
        {
            Assert.EndsWith(other["service-".Length..], await app.GetAsync("/"), StringComparison.Ordinal);
        }

        Assert.True((await app.Application.ResourceCommands.ExecuteCommandAsync(stopped, KnownResourceCommands.StartCommand, app.Token)).Success);
        await app.Notifications.WaitForResourceHealthyAsync(stopped, app.Token);
    }

    [Fact]
    public async Task Replica_that_dies_is_not_restarted()
    {
        await using var app = await TestApp.StartAsync(null, "--Replicas=2");
        await app.Notifications.WaitForResourceHealthyAsync("service", app.Token);

        using var client = app.Client();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.PostAsync(new Uri("/exit/7", UriKind.Relative), null, app.Token));

        var exited = await app.WaitAsync("service", KnownResourceStates.Exited);
        Assert.Equal(7, exited.Snapshot.ExitCode);
        Assert.Contains("exit code 7", exited.Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Web_socket_passes_the_proxy()
    {
        await using var app = await TestApp.StartAsync();
        await app.Notifications.WaitForResourceHealthyAsync("service", app.Token);
        using var socket = new ClientWebSocket();

        await socket.ConnectAsync(new UriBuilder(app.Application.GetEndpoint("service")) { Scheme = "ws", Path = "/echo" }.Uri, app.Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, endOfMessage: true, app.Token);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), app.Token);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, app.Token);
    }

    [Fact]
    public async Task Health_follows_what_the_service_answers()
    {
        await using var app = await TestApp.StartAsync(null, "--AspireLocal:HealthPeriod=00:00:00.1");
        await app.Notifications.WaitForResourceHealthyAsync("service", app.Token);

        await app.PostAsync("/health/false");

        var unwell = await app.Notifications.WaitForResourceAsync(
            "service", change => change.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy, app.Token);
        Assert.Contains("503", unwell.Snapshot.HealthReports[0].Description, StringComparison.Ordinal);
        await app.PostAsync("/health/true");
        await app.Notifications.WaitForResourceHealthyAsync("service", app.Token);
    }

    [Fact]
    public async Task Two_applications_run_side_by_side()
    {
        await using var one = await TestApp.StartAsync();
        await using var two = await TestApp.StartAsync();

        await one.Notifications.WaitForResourceHealthyAsync("service", one.Token);
        await two.Notifications.WaitForResourceHealthyAsync("service", two.Token);

        Assert.NotEqual(await one.GetAsync("/"), await two.GetAsync("/"));
    }
}
