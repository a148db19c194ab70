namespace Chat.AppHost.Breaking;

/// <summary>One way to break an instance of a resource, as a command of the dashboard.</summary>
/// <param name="Command">Its name for programs.</param>
/// <param name="Icon">A Fluent UI icon.</param>
/// <param name="From">The state in which it can be done.</param>
/// <param name="Becomes">The state it leaves the instance in, as far as the orchestrator cannot see that itself.</param>
/// <param name="Confirm">What is asked first; null where the fault can be undone.</param>
internal sealed record Fault(
    string Command, string Title, string Icon, string Description, string From, ResourceStateSnapshot? Becomes, string? Confirm, Func<Target, CancellationToken, Task> Do)
{
    public const string Paused = "Paused";
    public const string Draining = "Draining";

    public static readonly Fault Kill = new(
        "kill",
        "Kill",
        "PlugDisconnected",
        "SIGKILL: the program ends without a word to anybody.",
        KnownResourceStates.Running,
        Becomes: null,
        "End it at once, as a crash does? Start brings it back.",
        (target, token) => target.KillAsync(token));

    public static readonly Fault Pause = new(
        "pause",
        "Pause",
        "Pause",
        "SIGSTOP: connections stay and nothing answers, as on a frozen machine.",
        KnownResourceStates.Running,
        new ResourceStateSnapshot(Paused, KnownResourceStateStyles.Warn),
        Confirm: null,
        (target, token) => target.PauseAsync(token));

    public static readonly Fault Resume = new(
        "resume",
        "Resume",
        "Play",
        "SIGCONT: it goes on, and finds out what it has missed.",
        Paused,
        new ResourceStateSnapshot(KnownResourceStates.Running, KnownResourceStateStyles.Success),
        Confirm: null,
        (target, token) => target.ResumeAsync(token));

    public static readonly Fault Drain = new(
        "drain",
        "Drain",
        "ArrowExit",
        "SIGTERM: it takes nobody new, sends its clients to other nodes and leaves, as in a deploy.",
        KnownResourceStates.Running,
        new ResourceStateSnapshot(Draining, KnownResourceStateStyles.Info),
        "Send its clients away and let it leave? Start brings it back.",
        (target, token) => target.TerminateAsync(token));
}
