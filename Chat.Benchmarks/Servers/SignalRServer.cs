using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Chat.Benchmarks.Servers;

/// <summary>The same chat as SignalR has it: a group per room, Redis between the servers, nothing kept.</summary>
internal static class SignalRServer
{
    public const string Switch = "--serve-signalr";
    public const string ReadyPath = "/ready";
    public const string HubPath = "/hub";

    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSignalR(options => options.ClientTimeoutInterval = TimeSpan.FromHours(1))
            .AddStackExchangeRedis(builder.Configuration["redis"]!);
        var app = builder.Build();
        app.MapGet(ReadyPath, () => "ready");
        app.MapHub<RoomHub>(HubPath);
        await app.RunAsync();
    }

#pragma warning disable CA1515 // SignalR asks for public methods, not for a public class.
    internal sealed class RoomHub : Hub
    {
        public Task Join(string room) => Groups.AddToGroupAsync(Context.ConnectionId, room);

        public Task Send(string room, string id, string text) =>
            Clients.Group(room).SendAsync("message", room, id, text);
    }
#pragma warning restore CA1515
}
