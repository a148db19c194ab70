using Microsoft.Extensions.Configuration;

namespace Chat.AppHost;

/// <summary>Passes options on: <c>--Chat:Delivery=local</c> reaches every node, <c>--Chat:Balancer:Policy=hash</c> the balancer.</summary>
internal static class Settings
{
    /// <summary>Chat.Node; for another delivery, or one without a protection, or with a wrong clock, the node to compare it with.</summary>
    public static IResourceBuilder<ProjectResource> AddChatNode(this IDistributedApplicationBuilder builder, string name)
    {
        var chat = builder.Configuration.GetSection("Chat");
        return (chat["Delivery"] ?? "log") == "log" && !chat.GetSection("Without").Exists() && chat["ClockSkew"] is null
            ? builder.AddProject<Projects.Chat_Node>(name)
            : builder.AddProject<Projects.Chat_Experiments>(name);
    }

    /// <param name="section">Of the AppHost's configuration: its settings become environment variables of the same names.</param>
    /// <param name="except">First parts of names that are meant for others.</param>
    public static IResourceBuilder<ProjectResource> WithSettings(
        this IResourceBuilder<ProjectResource> project, string section, params string[] except)
    {
        var settings = project.ApplicationBuilder.Configuration.GetSection(section).AsEnumerable(makePathsRelative: true)
            .Where(setting => setting.Value is not null && !except.Contains(setting.Key.Split(':')[0]));
        foreach (var (key, value) in settings)
        {
            project.WithEnvironment($"{section}:{key}".Replace(":", "__", StringComparison.Ordinal), value);
        }

        return project;
    }

    /// <summary>
    /// <c>--Chat:TraceRatio=0.01</c> records that share of traces, whole: who comes later in one follows whoever began it. Without it the
    /// orchestrator decides: all of them in development. In a run, what the dashboard does not take is not sent again: a program would wait for one that
    /// has ended before it, and be killed.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithTelemetry(this IResourceBuilder<ProjectResource> project)
    {
        if (project.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            project.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "");
        }

        return project.ApplicationBuilder.Configuration["Chat:TraceRatio"] is { } ratio
            ? project.WithEnvironment("OTEL_TRACES_SAMPLER", "parentbased_traceidratio").WithEnvironment("OTEL_TRACES_SAMPLER_ARG", ratio)
            : project;
    }
}
