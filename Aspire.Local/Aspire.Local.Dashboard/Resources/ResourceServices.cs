using Aspire.Local.ResourceService;

namespace Aspire.Local.Dashboard.Resources;

internal static class ResourceServices
{
    public static IServiceCollection AddResourceWatching(this IServiceCollection services, ResourceServiceAddress address)
    {
        services.AddSingleton(address);
        services.AddSingleton(_ => new ResourceClient(Client(address)));
        services.AddSingleton<ResourceWatcher>();
        services.AddHostedService(s => s.GetRequiredService<ResourceWatcher>());
        return services;
    }

    private static HttpClient Client(ResourceServiceAddress address)
    {
        var url = address.Url?.AbsoluteUri ?? "http://localhost";
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = new Uri(url.EndsWith('/') ? url : url + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.Add(ResourceServiceProtocol.KeyHeader, address.Key);
        return client;
    }
}
