namespace Chat.AppHost;

/// <summary>What breaks the system and what it costs, as programs to be started by hand: each brings a cluster of its own.</summary>
internal static class Workbench
{
    public static void AddWorkbench(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode)
        {
            return;
        }

        builder.AddTool(
            "lab",
            "Chat.Lab",
            "Beaker",
            "run --subset ci --strategy log",
            "What the lab runs: experiments by name or number, or `all`; `list` shows them.");
        builder.AddTool(
            "benchmarks",
            "Chat.Benchmarks",
            "TopSpeed",
            "room",
            "What is measured: `room`, `rooms`, `idle`, `slow`, `balancer`, `evenness` or `storm`, with their options. Needs redis-server on the PATH, or `--embedded`.");
    }

    /// <summary>Built when it is started, and in Release: what is measured must be what is shipped.</summary>
    private static void AddTool(this IDistributedApplicationBuilder builder, string name, string project, string icon, string arguments, string description)
    {
        var parameter = builder.AddParameter($"{name}-arguments", arguments).WithDescription(description, enableMarkdown: true);
        builder.AddExecutable(name, "dotnet", "..", "run", "--configuration", "Release", "--project", project, "--")
            .WithArgs(async context =>
            {
                var text = await parameter.Resource.GetValueAsync(context.CancellationToken);
                foreach (var argument in text?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [])
                {
                    context.Args.Add(argument);
                }
            })
            .WithIconName(icon)
            .WithExplicitStart();
    }
}
