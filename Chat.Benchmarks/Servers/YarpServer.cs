using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Chat.Benchmarks.Servers;

/// <summary>YARP in front of one server, as its documentation sets it up.</summary>
internal static class YarpServer
{
    public const string Switch = "--serve-yarp";

    /// <summary>What a web project has by default; this program is none.</summary>
    public static readonly (string, string)[] Environment = [("DOTNET_gcServer", "1"), ("DOTNET_gcConcurrent", "1")];

    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "floor", Match = new RouteMatch { Path = "{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "floor",
                    Destinations = new Dictionary<string, DestinationConfig>
                    {
                        ["floor"] = new() { Address = builder.Configuration["to"]! },
                    },

                    // A tunnel that is idle for longer than any run is not cut.
                    HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromHours(1) },
                },
            ]);
        var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
    }
}
