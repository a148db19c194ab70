using System.Globalization;

namespace Chat.AppHost.Breaking;

/// <summary>What a fault is done to: one running instance of a resource.</summary>
internal abstract class Target
{
    public abstract Task KillAsync(CancellationToken cancellationToken);

    public abstract Task PauseAsync(CancellationToken cancellationToken);

    public abstract Task ResumeAsync(CancellationToken cancellationToken);

    /// <summary>Asks the program to leave on its own, as a deploy does.</summary>
    public abstract Task TerminateAsync(CancellationToken cancellationToken);

    /// <param name="instance">Its state now.</param>
    /// <exception cref="InvalidOperationException">It does not run.</exception>
    public static async Task<Target> OfAsync(CustomResourceSnapshot instance, string engine, CancellationToken cancellationToken)
    {
        if (Property(instance, "container.id") is { Length: > 0 } container)
        {
            return new ContainerTarget(engine, container);
        }

        return int.TryParse(Property(instance, "executable.pid"), CultureInfo.InvariantCulture, out var launcher)
            ? new ProcessTarget(await Programs.ProgramBelowAsync(launcher, cancellationToken))
            : throw new InvalidOperationException("It does not run.");
    }

    private static string? Property(CustomResourceSnapshot instance, string name) =>
        Convert.ToString(instance.Properties.FirstOrDefault(property => property.Name == name)?.Value, CultureInfo.InvariantCulture);

    private sealed class ProcessTarget(int pid) : Target
    {
        public override Task KillAsync(CancellationToken cancellationToken) => Programs.SignalAsync(pid, "KILL", cancellationToken);

        public override Task PauseAsync(CancellationToken cancellationToken) => Programs.SignalAsync(pid, "STOP", cancellationToken);

        public override Task ResumeAsync(CancellationToken cancellationToken) => Programs.SignalAsync(pid, "CONT", cancellationToken);

        public override Task TerminateAsync(CancellationToken cancellationToken) => Programs.SignalAsync(pid, "TERM", cancellationToken);
    }

    /// <param name="engine"><c>docker</c> or <c>podman</c>: both have these commands.</param>
    private sealed class ContainerTarget(string engine, string id) : Target
    {
        public override Task KillAsync(CancellationToken cancellationToken) => RunAsync(["kill", "--signal", "KILL", id], cancellationToken);

        public override Task PauseAsync(CancellationToken cancellationToken) => RunAsync(["pause", id], cancellationToken);

        public override Task ResumeAsync(CancellationToken cancellationToken) => RunAsync(["unpause", id], cancellationToken);

        public override Task TerminateAsync(CancellationToken cancellationToken) => RunAsync(["kill", "--signal", "TERM", id], cancellationToken);

        private async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
        {
            var (exitCode, output) = await Programs.RunAsync(engine, arguments, cancellationToken);
            if (exitCode != 0)
            {
                throw new InvalidOperationException($"{engine} {arguments[0]}: {output}");
            }
        }
    }
}
