using Chat.AppHost.Breaking;
using Chat.AppHost.Running;

namespace Chat.AppHost;

/// <param name="Server">What has to be up first; null when the server is none of ours.</param>
internal sealed record ChatRedis(
    IResourceBuilder<IResourceWithConnectionString> Connection, IResourceBuilder<IResource>? Server);

/// <summary>Which Redis a run uses: <c>Chat:Redis</c> is <c>embedded</c>, <c>container</c> or a connection string.</summary>
internal static class RedisChoice
{
    private const string Name = "redis";

    public static ChatRedis AddChatRedis(this IDistributedApplicationBuilder builder) =>
        (builder.Configuration["Chat:Redis"] ?? "embedded") switch
        {
            "embedded" => builder.AddEmbedded(),
            "container" => builder.AddContainer(),
            var connectionString => builder.AddExisting(connectionString),
        };

    public static IResourceBuilder<ProjectResource> WaitForServer(this IResourceBuilder<ProjectResource> resource, ChatRedis redis) =>
        redis.Server is null ? resource : resource.WaitFor(redis.Server);

    private static ChatRedis AddEmbedded(this IDistributedApplicationBuilder builder)
    {
        var data = builder.Configuration["Chat:RedisData"] ?? Path.Combine("..", ".data", "redis");
        var server = builder.AddProject<Projects.Chat_Redis>("redis-server")
            .WithEndpoint("http", endpoint => endpoint.Port = null)
            .WithEndpoint(scheme: "tcp", name: "tcp", env: "Chat__Redis__Port")
            .WithEnvironment("Chat__Redis__DataDirectory", builder.ExecutionContext.IsRunMode ? Path.GetFullPath(data, builder.AppHostDirectory) : "data")
            .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("Health", url.Url + "/health/ready"))
            .WithTelemetry()
            .WithReadiness("/health/ready")
            .WithFaults(Fault.Pause, Fault.Resume, Fault.Kill);
        var tcp = server.GetEndpoint("tcp");
        var connection = builder.AddConnectionString(
            Name,
            ReferenceExpression.Create($"{tcp.Property(EndpointProperty.Host)}:{tcp.Property(EndpointProperty.Port)}"));
        server.WithFlush(connection);
        connection.WithParentRelationship(server);
        return new ChatRedis(connection, server);
    }

    private static ChatRedis AddContainer(this IDistributedApplicationBuilder builder)
    {
        var server = builder.AddRedis(Name).WithDataVolume(builder.Configuration["Chat:RedisVolume"]).WithPersistence().WithEveryWriteKept()
            .WithFaults(Fault.Pause, Fault.Resume, Fault.Kill);
        server.WithFlush(server);
        return new ChatRedis(server, server);
    }

    /// <summary>
    /// Aspire starts Redis below a shell, with a snapshot a minute: the shell keeps SIGTERM to itself, and each stop or crash loses what was
    /// written since. Here Redis takes the shell's place, and appends every write to its file before it answers.
    /// </summary>
    private static IResourceBuilder<RedisResource> WithEveryWriteKept(this IResourceBuilder<RedisResource> redis) =>
        redis.WithArgs(context =>
        {
            const string Server = "redis-server";
            for (var i = 0; i < context.Args.Count; i++)
            {
                // One argument of many in a run, the whole command when publishing.
                if (context.Args[i] is string command && command.StartsWith(Server, StringComparison.Ordinal))
                {
                    context.Args[i] = $"exec {Server} --appendonly yes{command[Server.Length..]}";
                    return;
                }
            }

            throw new InvalidOperationException($"No argument of the Redis container starts with {Server}: Aspire starts it in another way now.");
        });

    private static ChatRedis AddExisting(this IDistributedApplicationBuilder builder, string connectionString)
    {
        builder.Configuration[$"ConnectionStrings:{Name}"] = connectionString;
        return new ChatRedis(builder.AddConnectionString(Name), Server: null);
    }
}
