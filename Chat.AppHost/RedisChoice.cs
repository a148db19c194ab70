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
        var data = builder.Configuration["Chat:RedisData"] ?? Path.Combine(builder.AppHostDirectory, "..", ".data", "redis");
        var server = builder.AddProject<Projects.Chat_Redis>("redis-server")
            .WithEndpoint("http", endpoint => endpoint.Port = null)
            .WithEndpoint(scheme: "tcp", name: "tcp", env: "Chat__Redis__Port")
            .WithEnvironment("Chat__Redis__DataDirectory", Path.GetFullPath(data))
            .WithHttpHealthCheck("/health/ready");
        var tcp = server.GetEndpoint("tcp");
        var connection = builder.AddConnectionString(
            Name,
            ReferenceExpression.Create($"{tcp.Property(EndpointProperty.Host)}:{tcp.Property(EndpointProperty.Port)}"));
        return new ChatRedis(connection, server);
    }

    private static ChatRedis AddContainer(this IDistributedApplicationBuilder builder)
    {
        var server = builder.AddRedis(Name).WithDataVolume().WithPersistence();
        return new ChatRedis(server, server);
    }

    private static ChatRedis AddExisting(this IDistributedApplicationBuilder builder, string connectionString)
    {
        builder.Configuration[$"ConnectionStrings:{Name}"] = connectionString;
        return new ChatRedis(builder.AddConnectionString(Name), Server: null);
    }
}
