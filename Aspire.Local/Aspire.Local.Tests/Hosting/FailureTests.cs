using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Xunit;

namespace Aspire.Local.Tests.Hosting;

/// <summary>What cannot run says so in one sentence, and the rest runs.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task Project_that_dies_at_start_shows_its_last_words_and_the_rest_runs()
    {
        await using var app = await TestApp.StartAsync(builder => builder
            .AddProject<Projects.Aspire_Local_TestService>("broken")
            .WithEnvironment("FAIL_AT_START", "the disk is full"));

        var broken = await app.WaitAsync("broken", KnownResourceStates.FailedToStart);

        Assert.Equal(3, broken.Snapshot.ExitCode);
        Assert.Contains("exit code 3", broken.Problem(), StringComparison.Ordinal);
        var loggers = (ResourceLoggerService)app.Application.Services.GetService(typeof(ResourceLoggerService))!;
        Assert.Contains(loggers.FindInstance(broken.ResourceId)!.Snapshot(), entry => entry.Line is { Content: "the disk is full", IsErrorMessage: true });
        await app.Notifications.WaitForResourceHealthyAsync("service", app.Token);
    }

    [Fact]
    public async Task Missing_program_is_named()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddExecutable("tool", "no-such-program", "."));

        var tool = await app.WaitAsync("tool", KnownResourceStates.FailedToStart);

        Assert.Contains("'no-such-program' for 'tool' was not found", tool.Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Npm_script_without_its_packages_says_how_to_get_them()
    {
        var folder = Directory.CreateTempSubdirectory("aspire-local-test-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "package.json"), """{ "dependencies": { "left": "1.0.0" } }""");
        await using var app = await TestApp.StartAsync(builder => builder.AddNpmApp("web", folder.FullName));

        var web = await app.WaitAsync("web", KnownResourceStates.FailedToStart);

        Assert.Contains("npm install", web.Problem(), StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Waiter_of_a_failed_completion_does_not_start_and_says_why()
    {
        await using var app = await TestApp.StartAsync(builder =>
        {
            var install = builder.AddExecutable("install", "sh", ".", "-c", "exit 4");
            builder.AddExecutable("web", "sleep", ".", "60").WaitForCompletion(install);
        });

        var web = await app.WaitAsync("web", KnownResourceStates.FailedToStart);

        Assert.Equal("'install' ended with exit code 4, not 0.", web.Problem());
    }

    [Fact]
    public async Task Waiter_of_a_completion_starts_when_it_ended_well()
    {
        await using var app = await TestApp.StartAsync(builder =>
        {
            var install = builder.AddExecutable("install", "sh", ".", "-c", "echo installed");
            builder.AddExecutable("web", "sleep", ".", "60").WaitForCompletion(install);
        });

        await app.WaitAsync("web", KnownResourceStates.Running);

        var install = Assert.Single(app.Instances("install"));
        Assert.Equal((KnownResourceStates.Finished, 0), (install.Snapshot.State!.Text, install.Snapshot.ExitCode!.Value));
    }

    [Fact]
    public async Task Missing_parameter_fails_the_resource_that_needs_it_and_a_secret_is_not_shown()
    {
        await using var app = await TestApp.StartAsync(
            builder =>
            {
                var given = builder.AddParameter("given", secret: true);
                var missing = builder.AddParameter("missing");
                builder.AddExecutable("has", "sh", ".", "-c", "echo length ${#VALUE}; sleep 60").WithEnvironment("VALUE", given);
                builder.AddExecutable("lacks", "sleep", ".", "60").WithEnvironment("VALUE", missing);
            },
            "--Parameters:given=hush");

        var lacks = await app.WaitAsync("lacks", KnownResourceStates.FailedToStart);
        var has = await app.WaitAsync("has", KnownResourceStates.Running);

        Assert.Contains("Parameters:missing", lacks.Problem(), StringComparison.Ordinal);
        Assert.Contains(has.Snapshot.EnvironmentVariables, variable => variable is { Name: "VALUE", Value: null });
    }
}
