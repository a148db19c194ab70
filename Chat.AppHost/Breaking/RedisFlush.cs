using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Chat.AppHost.Breaking;

/// <summary>Empties Redis under a running system: what a failover to an empty replica does.</summary>
internal static class RedisFlush
{
    public const string Command = "flush";

    public const string EmptiedState = "Emptied";

    /// <summary>For how long the resource says what was done to it.</summary>
    private static readonly TimeSpan Shown = TimeSpan.FromSeconds(3);

    /// <param name="server">The resource that gets the command.</param>
    /// <param name="connection">How to reach it.</param>
    public static IResourceBuilder<T> WithFlush<T>(this IResourceBuilder<T> server, IResourceBuilder<IResourceWithConnectionString> connection)
        where T : IResource =>
        server.WithCommand(
            Command,
            "Empty",
            context => RunAsync(server.Resource, connection.Resource, context),
            new CommandOptions
            {
                Description = "FLUSHALL: every room loses its history, and the clients are told that it starts anew.",
                ConfirmationMessage = "Delete every room's history, for good?",
                IconName = "Delete",
                UpdateState = context => context.ResourceSnapshot.State?.Text == KnownResourceStates.Running
                    ? ResourceCommandState.Enabled
                    : ResourceCommandState.Hidden,
            });

    private static async Task<ExecuteCommandResult> RunAsync(
        IResource server, IResourceWithConnectionString connection, ExecuteCommandContext context)
    {
        var address = await connection.GetConnectionStringAsync(context.CancellationToken);
        try
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync($"{address},allowAdmin=true");
            await redis.GetDatabase().ExecuteAsync("FLUSHALL");
        }
        catch (RedisException exception)
        {
            return CommandResults.Failure(exception.Message);
        }

        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        await ShowAsync(notifications, server, context.ResourceName, KnownResourceStates.Running, EmptiedState, KnownResourceStateStyles.Warn);
        await Task.Delay(Shown, TimeProvider.System, context.CancellationToken);
        await ShowAsync(notifications, server, context.ResourceName, EmptiedState, KnownResourceStates.Running, KnownResourceStateStyles.Success);
        return CommandResults.Success();
    }

    private static Task ShowAsync(ResourceNotificationService notifications, IResource server, string id, string from, string to, string style) =>
        notifications.PublishUpdateAsync(server, id, snapshot => snapshot.State?.Text == from
            ? snapshot with { State = new ResourceStateSnapshot(to, style) }
            : snapshot);
}
