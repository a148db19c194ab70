using System.Collections;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Processes;
using Aspire.Local.Hosting.Running;
using Aspire.Local.Hosting.Values;

namespace Aspire.Local.Hosting.Launching;

/// <summary>Works out how to start an instance.</summary>
internal sealed class LaunchPlanner(RunContext run)
{
    private const string SecretMask = "***";

    /// <summary>They describe the AppHost, and would mislead what it starts.</summary>
    private static readonly string[] NotInherited =
    [
        "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_URLS", "DOTNET_LAUNCH_PROFILE",
        "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL",
    ];

    /// <exception cref="DistributedApplicationException">It cannot be started; the message says why, in one sentence.</exception>
    public async Task<ProcessSpec> PlanAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        foreach (var precondition in instance.Resource.Annotations.OfType<PreconditionAnnotation>())
        {
            if (precondition.Check() is { } problem)
            {
                throw new DistributedApplicationException(problem);
            }
        }

        var resolver = new ValueResolver(instance, run.Otlp);
        var given = await VariablesAsync(instance.Resource, resolver, cancellationToken);
        var args = await ArgumentsAsync(instance.Resource, resolver, cancellationToken);
        return instance.Resource switch
        {
            ProjectResource project => Project(project, args, given),
            ExecutableResource executable => Executable(executable, args, given),
            RedisResource redis => Redis(redis, instance, args, given),
            _ => throw new DistributedApplicationException($"'{instance.Resource.Name}' is nothing that can be started."),
        };
    }

    /// <summary>What a process inherits from this one.</summary>
    public static IEnumerable<VariableValue> Inherited() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Where(entry => !NotInherited.Contains((string)entry.Key, StringComparer.OrdinalIgnoreCase))
        .Select(entry => new VariableValue((string)entry.Key, (string?)entry.Value ?? "", IsSecret: false));

    private ProcessSpec Project(ProjectResource project, IReadOnlyList<ResolvedValue> args, IReadOnlyList<VariableValue> variables)
    {
        var path = project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath;
        if (!run.AppHost.ProgramByProject.TryGetValue(path, out var program))
        {
            throw new DistributedApplicationException($"The AppHost was built without '{path}': add a ProjectReference to it.");
        }

        return File.Exists(program)
            ? new(Programs.Dotnet(), ["exec", program, .. Texts(args)], Path.GetDirectoryName(path)!, variables, path)
            : throw new DistributedApplicationException($"'{program}' is not there: build the AppHost again.");
    }

    private static ProcessSpec Executable(ExecutableResource executable, IReadOnlyList<ResolvedValue> args, IReadOnlyList<VariableValue> variables)
    {
        if (!Directory.Exists(executable.WorkingDirectory))
        {
            throw new DistributedApplicationException($"The folder '{executable.WorkingDirectory}' of '{executable.Name}' is not there.");
        }

        var program = FindProgram(executable, executable.Command, executable.WorkingDirectory, variables);
        return new(program, [.. Texts(args)], executable.WorkingDirectory, variables, string.Join(' ', [executable.Command, .. args.Select(arg => arg.IsSecret ? SecretMask : arg.Text)]));
    }

    private static ProcessSpec Redis(
        RedisResource redis, ResourceInstance instance, IReadOnlyList<ResolvedValue> args, IReadOnlyList<VariableValue> variables)
    {
        var program = FindProgram(redis, "redis-server", Environment.CurrentDirectory, variables);
        var files = RedisFiles.Write(redis, instance.Endpoints[0].Port);
        return new ProcessSpec(program, [files.ConfigurationPath, .. Texts(args)], files.DataFolder, variables, $"redis-server ({files.DataFolder})")
        {
            TemporaryFolder = files.IsTemporary ? files.DataFolder : null,
        };
    }

    private static string FindProgram(IResource resource, string command, string folder, IReadOnlyList<VariableValue> variables)
    {
        var searchPath = variables.LastOrDefault(variable => variable.Name == "PATH")?.Value ?? Environment.GetEnvironmentVariable("PATH");
        return Programs.Find(command, folder, searchPath) ?? throw new DistributedApplicationException(
            $"'{command}' for '{resource.Name}' was not found. {resource.Annotations.OfType<MissingCommandAnnotation>().LastOrDefault()?.Advice ?? "Install it, or add it to the PATH."}");
    }

    private static IEnumerable<string> Texts(IReadOnlyList<ResolvedValue> args) => args.Select(arg => arg.Text ?? "");

    private async Task<IReadOnlyList<VariableValue>> VariablesAsync(IResource resource, ValueResolver resolver, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        var context = new EnvironmentCallbackContext(run.Execution, resource, values, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context);
        }

        var variables = new List<VariableValue>(values.Count);
        foreach (var (name, value) in values)
        {
            var resolved = await ResolveAsync($"The variable {name}", value, resolver, cancellationToken);
            if (resolved.Text is { } text)
            {
                variables.Add(new(name, text, resolved.IsSecret));
            }
        }

        return variables;
    }

    private static async Task<IReadOnlyList<ResolvedValue>> ArgumentsAsync(IResource resource, ValueResolver resolver, CancellationToken cancellationToken)
    {
        var values = new List<object>();
        var context = new CommandLineArgsCallbackContext(values, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context);
        }

        var args = new List<ResolvedValue>(values.Count);
        foreach (var value in values)
        {
            args.Add(await ResolveAsync("An argument", value, resolver, cancellationToken));
        }

        return args;
    }

    private static async Task<ResolvedValue> ResolveAsync(string what, object value, ValueResolver resolver, CancellationToken cancellationToken)
    {
        try
        {
            return await resolver.ResolveAsync(value, cancellationToken);
        }
        catch (InvalidOperationException error)
        {
            throw new DistributedApplicationException($"{what} has no value: {error.Message}", error);
        }
    }
}
