using System.ComponentModel;
using Aspire.Local.Hosting.Output;
using Aspire.Local.Hosting.Processes;
using Aspire.Local.Hosting.Running;
using Aspire.Local.ResourceService;

namespace Aspire.Local.Hosting.Serving;

/// <summary>The dashboard's process. The application does without when it cannot run.</summary>
internal sealed partial class DashboardProcess(
    RunContext run, DashboardAddress address, RunnerServices services, ILogger<DashboardProcess> logger)
{
    private const string InstanceId = "dashboard";
    private const int LastLinesMax = 20;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SignalSkew = TimeSpan.FromMilliseconds(200);

    private readonly ConsoleLog _log = services.NewLog();
    private ChildProcess? _process;
    private Task _watching = Task.CompletedTask;
    private volatile bool _stopping;

    public void Start(string resourceServiceUrl, string key)
    {
        if (address.TakenPort() is { } port)
        {
            LogTaken(port);
            return;
        }

        var path = run.AppHost.DashboardPath!;
        if (!File.Exists(path))
        {
            LogMissing(path);
            return;
        }

        var spec = new ProcessSpec(Programs.Dotnet(), ["exec", path], Path.GetDirectoryName(path)!, [
            new("ASPNETCORE_URLS", address.Url, IsSecret: false),
            new("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", address.OtlpUrl, IsSecret: false),
            new(ResourceServiceProtocol.UrlVariable, resourceServiceUrl, IsSecret: false),
            new(ResourceServiceProtocol.KeyVariable, key, IsSecret: true),
            new(ResourceServiceProtocol.ApplicationVariable, run.ApplicationName, IsSecret: false),
        ], path);
        try
        {
            _process = services.Start(spec, InstanceId, _log);
            _watching = WatchAsync(_process);
            LogStarted(address.Url);
        }
        catch (Win32Exception error)
        {
            LogFailed(error.Message);
        }
    }

    public async Task StopAsync()
    {
        _stopping = true;
        if (_process is { } process)
        {
            await process.StopAsync(StopLimit);
            await _watching;
            process.Dispose();
        }
    }

    private async Task WatchAsync(ChildProcess process)
    {
        var code = await process.Exited;
        services.Forget(process.Id);

        // Ctrl-C may reach it a moment before this process hears of it.
        await Task.Delay(SignalSkew, services.Time);
        if (!_stopping && !services.IsStopping)
        {
            LogEnded(code);
            foreach (var entry in _log.Snapshot().TakeLast(LastLinesMax))
            {
                LogLastWord(entry.Line.Content);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Dashboard: {Url}")]
    private partial void LogStarted(string url);

    [LoggerMessage(LogLevel.Error, "There is no dashboard in this run: port {Port} is taken by another program. End it, or choose another port in launchSettings.json")]
    private partial void LogTaken(int port);

    [LoggerMessage(LogLevel.Error, "There is no dashboard in this run: '{Path}' is not there; build the AppHost again")]
    private partial void LogMissing(string path);

    [LoggerMessage(LogLevel.Error, "There is no dashboard in this run: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Error, "The dashboard has ended with exit code {ExitCode}; the application goes on")]
    private partial void LogEnded(int exitCode);

    [LoggerMessage(LogLevel.Error, "dashboard | {Line}")]
    private partial void LogLastWord(string line);
}
