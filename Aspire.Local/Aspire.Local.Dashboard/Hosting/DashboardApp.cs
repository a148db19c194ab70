using System.Net.Sockets;
using Aspire.Local.Dashboard.Components;
using Aspire.Local.Dashboard.Resources;
using Aspire.Local.Dashboard.Telemetry;
using Aspire.Local.Dashboard.Telemetry.Otlp;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Aspire.Local.Dashboard.Hosting;

/// <summary>Puts the dashboard together: one process, two addresses.</summary>
internal static class DashboardApp
{
    /// <returns>The started dashboard; the caller disposes it.</returns>
    /// <exception cref="DashboardStartException">A port is taken, an address is not local, or a limit makes no sense.</exception>
    public static async Task<WebApplication> StartAsync(string[] args, CancellationToken cancellationToken)
    {
        WebApplication? app = null;
        try
        {
            app = Build(args);
            await app.StartAsync(cancellationToken);
            return app;
        }
        catch (DirectoryNotFoundException e)
        {
            throw new DashboardStartException($"A folder that its build made is missing; build it again: {e.Message}");
        }
        catch (Exception e) when (e is IOException or OptionsValidationException or SocketException)
        {
            await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw new DashboardStartException(e.Message);
        }
    }

    private static WebApplication Build(string[] args)
    {
        // The AppHost starts the built file from any directory, so nothing is looked up in the current one.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(DashboardApp).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        // Without publishing, the pages' files are found through the manifest beside the assembly; by default only in Development.
        builder.WebHost.UseStaticWebAssets();
        ConfigureLogging(builder);

        var addresses = DashboardAddresses.From(builder.Configuration);
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, null);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize =
                kestrel.ApplicationServices.GetRequiredService<IOptions<TelemetryLimits>>().Value.RequestBytesMax;
            DashboardAddresses.Listen(kestrel, addresses.Pages, _ => { });
            DashboardAddresses.Listen(kestrel, addresses.Otlp, OtlpListener.Configure);
        });

        builder.Services.AddSingleton(TimeProvider.System);
        // Open pages hold connections that nobody else ends, and there is nothing to save.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(500));
        builder.Services.AddTelemetryStores(builder.Configuration);
        builder.Services.AddResourceWatching(ResourceServiceAddress.From(builder.Configuration));
        // Keys live as long as the process: nothing a page holds must outlive it.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            // A page that lost its connection redraws nothing anyone sees.
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(30);
            circuits.DisconnectedCircuitMaxRetained = 10;
        });

        var app = builder.Build();
        MapTelemetry(app);
        MapPages(app);
        return app;
    }

    private static void ConfigureLogging(WebApplicationBuilder builder)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Aspire.Local.Dashboard", LogLevel.Information);
        // A start that fails is told in one line by Program, not as a stack trace by the host.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // Its keys are never written anywhere.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // A machine without IPv6 serves 127.0.0.1 only; that is no news.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
    }

    private static void MapTelemetry(WebApplication app)
    {
        app.Use(LoopbackOnly.InvokeAsync);
        app.MapWhen(OtlpListener.IsOtlp, otlp => otlp.Run(context =>
            context.RequestServices.GetRequiredService<OtlpReceiver>().HandleAsync(context)));
    }

    private static void MapPages(WebApplication app)
    {
        app.Use(SecurityHeaders.InvokeAsync);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.UseRouting();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }
}
