using Microsoft.Extensions.Configuration;

namespace Chat.AppHost;

/// <summary>Passes the options of a node on: <c>--Chat:Delivery=local</c> reaches every replica.</summary>
internal static class NodeSettings
{
    // What is meant for the AppHost itself.
    private static readonly string[] Own = ["Nodes", "Redis", "RedisData", "Ports", "TokenKey"];

    public static IResourceBuilder<ProjectResource> WithNodeSettings(
        this IResourceBuilder<ProjectResource> node, IConfiguration configuration)
    {
        var settings = configuration.GetSection("Chat").AsEnumerable(makePathsRelative: true)
            .Where(setting => setting.Value is not null && !Own.Contains(setting.Key.Split(':')[0]));
        foreach (var (key, value) in settings)
        {
            node.WithEnvironment($"Chat__{key.Replace(":", "__", StringComparison.Ordinal)}", value);
        }

        return node;
    }
}
