using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Chat.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace Chat.Tests.Telemetry;

/// <summary>OpenTelemetry's own settings, as every service here takes them.</summary>
public sealed class SettingsTests
{
    private const string Sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private const string Unsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    [Theory]
    [InlineData(null, null, true, true, false)]
    [InlineData("parentbased_always_on", null, true, true, false)]
    [InlineData("parentbased_always_off", null, false, true, false)]
    [InlineData("parentbased_traceidratio", "0", false, true, false)]
    [InlineData("parentbased_traceidratio", "1", true, true, false)]
    [InlineData("traceidratio", "0", false, false, false)]
    [InlineData("always_on", null, true, true, true)]
    [InlineData("always_off", null, false, false, false)]
    public async Task The_sampler_is_a_setting_and_follows_the_parent_unless_told_otherwise(
        string? sampler, string? argument, bool root, bool belowSampled, bool belowUnsampled)
    {
        using var source = new ActivitySource($"{nameof(SettingsTests)}-{sampler}-{argument}");
        using var host = await StartAsync(source.Name, "http://127.0.0.1:1", ("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument));

        Assert.Equal(root, IsRecorded(source, parent: null));
        Assert.Equal(belowSampled, IsRecorded(source, Sampled));
        Assert.Equal(belowUnsampled, IsRecorded(source, Unsampled));
    }

    [Fact]
    public async Task A_service_stops_soon_although_whoever_takes_its_telemetry_says_nothing_any_more()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var source = new ActivitySource(nameof(A_service_stops_soon_although_whoever_takes_its_telemetry_says_nothing_any_more));
        var host = await StartAsync(
            source.Name,
            $"http://{silent.LocalEndpoint}",
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory"));
        source.StartActivity("something to tell")?.Dispose();
        var started = TimeProvider.System.GetTimestamp();

        await Within.Seconds(30, async token =>
        {
            await host.StopAsync(token);
            host.Dispose();
        });

        // A resource of the AppHost has six seconds; the exporter's own default is ten for each signal.
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private static async Task<IHost> StartAsync(string source, string collector, params (string Key, string? Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder(
        [
            "--Logging:LogLevel:Default=None",
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector}",
            .. settings.Where(setting => setting.Value is not null).Select(setting => $"--{setting.Key}={setting.Value}"),
        ]);
        builder.AddServiceDefaults(source);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    private static bool IsRecorded(ActivitySource source, string? parent)
    {
        ActivityContext.TryParse(parent, null, isRemote: true, out var context);
        using var span = source.StartActivity(ActivityKind.Server, context, name: "asked");
        return span is { Recorded: true };
    }
}
