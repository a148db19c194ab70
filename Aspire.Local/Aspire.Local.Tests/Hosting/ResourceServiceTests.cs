using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Running;
using Aspire.Local.Hosting.Serving;
using Aspire.Local.ResourceService;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aspire.Local.Tests.Hosting;

/// <summary>What the dashboard asks the AppHost for.</summary>
public sealed class ResourceServiceTests
{
    [Fact]
    public async Task Resources_come_as_a_snapshot_and_then_as_changes_without_secrets()
    {
        await using var app = await TestApp.StartAsync(
            builder => builder.AddExecutable("shell", "sleep", ".", "60").WithEnvironment("TOKEN", builder.AddParameter("token", secret: true)),
            "--Parameters:token=hush");
        await app.WaitAsync("shell", KnownResourceStates.Running);
        using var client = await ServeAsync(app);

        using var reader = await OpenAsync(client, "/v1/resources", app.Token);
        var first = await ReadAsync<ResourceChangeDto>(reader, app.Token);
        await app.Application.ResourceCommands.ExecuteCommandAsync("shell", KnownResourceCommands.StopCommand, app.Token);
        var change = await ReadUntilAsync(reader, dto => dto.Resources?[0] is { Name: "shell", State: "Finished" }, app.Token);

        Assert.Equal("snapshot", first.Kind);
        var shell = Assert.Single(first.Resources!, resource => resource.Name == "shell");
        Assert.Equal(("Executable", "Running", null), (shell.Type, shell.State, shell.Problem));
        Assert.NotNull(shell.ProcessId);
        Assert.Contains(shell.Environment, variable => variable is { Name: "TOKEN", Value: null });
        Assert.Contains(shell.Commands, command => command is { Name: "resource-stop", Enabled: true });
        Assert.Equal("upsert", change.Kind);
        Assert.DoesNotContain("hush", JsonSerializer.Serialize(first), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_comes_from_the_start_and_goes_on()
    {
        await using var app = await TestApp.StartAsync();
        await app.Notifications.WaitForResourceHealthyAsync("service", app.Token);
        await app.PostAsync("/print/one");
        using var client = await ServeAsync(app);

        using var reader = await OpenAsync(client, $"/v1/resources/{app.Instances("service")[0].ResourceId}/logs", app.Token);
        var one = await ReadAsync<LogLineDto>(reader, app.Token);
        await app.PostAsync("/print/two");
        var two = await ReadAsync<LogLineDto>(reader, app.Token);

        Assert.Equal(("one", 1, false), (one.Content, one.Number, one.IsError));
        Assert.Equal(("two", 2), (two.Content, two.Number));
    }

    [Fact]
    public async Task Command_is_carried_out_and_a_wrong_one_is_explained()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddExecutable("shell", "sleep", ".", "60"));
        var shell = await app.WaitAsync("shell", KnownResourceStates.Running);
        using var client = await ServeAsync(app);

        var stopped = await PostAsync(client, $"/v1/resources/{shell.ResourceId}/commands/resource-stop", app.Token);
        var wrong = await PostAsync(client, "/v1/resources/nobody/commands/resource-stop", app.Token);

        Assert.True(stopped.Success);
        await app.WaitAsync("shell", KnownResourceStates.Finished);
        Assert.False(wrong.Success);
        Assert.Contains("nobody", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_let_in_without_the_key()
    {
        await using var app = await TestApp.StartAsync();
        using var client = await ServeAsync(app);
        client.DefaultRequestHeaders.Remove(ResourceServiceProtocol.KeyHeader);

        using var answer = await client.GetAsync(new Uri("/v1/resources", UriKind.Relative), app.Token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    /// <summary>A test has no dashboard, and so no service for it until asked.</summary>
    private static async Task<HttpClient> ServeAsync(TestApp app)
    {
        var host = app.Application.Services.GetRequiredService<ResourceServiceHost>();
        await host.StartAsync(app.Application.Services.GetRequiredService<Supervisor>(), app.Token);
        var client = new HttpClient { BaseAddress = new Uri(host.Url) };
        client.DefaultRequestHeaders.Add(ResourceServiceProtocol.KeyHeader, host.Key);
        return client;
    }

    private static async Task<StreamReader> OpenAsync(HttpClient client, string path, CancellationToken cancellationToken) =>
        new(await client.GetStreamAsync(new Uri(path, UriKind.Relative), cancellationToken));

    private static async Task<T> ReadAsync<T>(StreamReader reader, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<T>((await reader.ReadLineAsync(cancellationToken))!, JsonSerializerOptions.Web)!;

    private static async Task<ResourceChangeDto> ReadUntilAsync(
        StreamReader reader, Predicate<ResourceChangeDto> wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            var change = await ReadAsync<ResourceChangeDto>(reader, cancellationToken);
            if (wanted(change))
            {
                return change;
            }
        }
    }

    private static async Task<CommandResultDto> PostAsync(HttpClient client, string path, CancellationToken cancellationToken)
    {
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), null, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<CommandResultDto>(cancellationToken))!;
    }
}
