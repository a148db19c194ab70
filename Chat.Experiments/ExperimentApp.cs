using Chat.Node;

namespace Chat.Experiments;

/// <summary>
/// A node to compare with: one that delivers in another way, or lacks a protection, or has a wrong clock. All else is Chat.Node's, through the
/// services that it has anyway.
/// </summary>
internal static class ExperimentApp
{
    /// <inheritdoc cref="NodeApp.RunAsync"/>
    public static Task<int> RunAsync(string[] args) => NodeApp.RunAsync(args, Change);

    /// <inheritdoc cref="NodeApp.Build"/>
    public static WebApplication Build(string[] args) => NodeApp.Build(args, Change);

    private static void Change(WebApplicationBuilder builder)
    {
        var options = ExperimentOptions.From(builder.Configuration);
        builder.Configuration.AddInMemoryCollection(options.NodeSettings);
        builder.Services.AddExperiment(options);
        builder.Services.AddHostedService<ExperimentNotice>();
    }
}
