using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Chat.Lab.Processes;
using Chat.Tests.Support;

namespace Chat.Tests.EndToEnd;

/// <summary>
/// <c>dotnet run --project Chat.AppHost</c> as a person types it, in a session of its own, on ports of its own. Everything it starts can be
/// found by a mark in its environment, and ends with this.
/// </summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private const string Mark = "CHAT_TEST_RUN";

    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly Process _launcher;

    private AppHostProcess(Ports ports, DirectoryInfo data)
    {
        Balancer = new Uri($"http://localhost:{ports.Balancer}");
        Web = new Uri($"http://localhost:{ports.Web}");
        Dashboard = new Uri($"http://localhost:{ports.Dashboard}");
        var configuration = typeof(AppHostProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var project = Path.Combine(Tool.RepositoryFolder, "Chat.AppHost");
        // Whoever runs the tests may ignore a terminal's signals, and programs inherit that.
        var start = new ProcessStartInfo("setsid", [
            "env", "--default-signal=INT,HUP,TERM", ProgramPaths.DotNet, "run", "--no-build", "--no-launch-profile", "-c", configuration,
            "--project", project, "--", "--Chat:Nodes=2", $"--Chat:Ports:Balancer={ports.Balancer}", $"--Chat:Ports:Web={ports.Web}",
            $"--Chat:RedisData={data.FullName}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Mark] = _mark;
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true";
        start.Environment["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true";
        start.Environment["ASPNETCORE_URLS"] = $"http://localhost:{ports.Dashboard}";
        start.Environment["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = $"http://localhost:{ports.Otlp}";
        _launcher = Process.Start(start)!;
        _launcher.OutputDataReceived += (_, received) => Add(received.Data);
        _launcher.ErrorDataReceived += (_, received) => Add(received.Data);
        _launcher.BeginOutputReadLine();
        _launcher.BeginErrorReadLine();
    }

    public Uri Balancer { get; }

    public Uri Web { get; }

    public Uri Dashboard { get; }

    public string Output
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>Returns at once.</summary>
    public static AppHostProcess Launch(Ports ports, DirectoryInfo data) => new(ports, data);

    /// <summary>Returns once the page is served: everything else has to be up before it.</summary>
    public async Task StartedAsync()
    {
        try
        {
            using var http = new HttpClient();
            await Within.True(120, () => AnswersAsync(http, Web), "the page is served");
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}. It printed:\n{Output}", exception);
        }
    }

    /// <summary>To the whole group, as a terminal does.</summary>
    /// <param name="signal">A name that <c>kill</c> knows.</param>
    public void SignalGroup(string signal) => Kill(signal, -_launcher.Id);

    /// <summary>To the AppHost itself, below <c>dotnet run</c>.</summary>
    public void SignalAppHost(string signal) =>
        Kill(signal, Members().Single(id => Path.GetFileName(CommandLine(id)[0]) == "Chat.AppHost"));

    /// <summary>To <c>dotnet run</c> alone.</summary>
    public void SignalLauncher(string signal) => Kill(signal, _launcher.Id);

    /// <summary>To each process whose command line has this part.</summary>
    public void SignalAll(string signal, string part)
    {
        foreach (var id in Members().Where(id => string.Join(' ', CommandLine(id)).Contains(part, StringComparison.Ordinal)))
        {
            Kill(signal, id);
        }
    }

    /// <summary>Returns once no process of it is left, or none of these programs.</summary>
    public async Task EndedAsync(double seconds, params string[] programs)
    {
        try
        {
            await Within.True(seconds, () => Task.FromResult(Left(programs).Length == 0), "nothing of the run is left");
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}. Left:\n{string.Join('\n', Left(programs))}\nIt printed:\n{Output}", exception);
        }
    }

    /// <summary>Returns once all of these are gone. <paramref name="last"/> must have outlived each of the others.</summary>
    public async Task EndedInOrderAsync(double seconds, string[] programs, string last)
    {
        await Within.True(
            seconds,
            () =>
            {
                // In this order: what is gone stays gone.
                var gone = Left([last]).Length == 0;
                var left = Left(programs);
                Assert.False(gone && left.Length > 0, $"{last} was gone before {string.Join(" and ", left)}");
                return Task.FromResult(left.Length == 0);
            },
            $"{string.Join(" and ", programs)} are gone");
        await EndedAsync(seconds, last);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var id in Members())
        {
            Kill("KILL", id);
        }

        await _launcher.WaitForExitAsync();
        _launcher.Dispose();
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri url)
    {
        try
        {
            using var answer = await http.GetAsync(url, TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static void Kill(string signal, int id)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {id}"]);
        kill.WaitForExit();
    }

    private static string[] CommandLine(int id) => Read($"/proc/{id}/cmdline").Split('\0');

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return "";
        }
    }

    /// <summary>The command lines of these programs, or of all processes of the run when none is named.</summary>
    private string[] Left(string[] programs) =>
    [
        .. Members().Select(id => string.Join(' ', CommandLine(id)))
            .Where(line => programs.Length == 0 || programs.Any(program => line.Split(' ')[0].EndsWith(program, StringComparison.Ordinal))),
    ];

    private List<int> Members() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && Read($"/proc/{id}/environ").Contains($"{Mark}={_mark}", StringComparison.Ordinal)),
    ];

    private void Add(string? line)
    {
        lock (_gate)
        {
            _lines.Add(line ?? "");
        }
    }

    internal sealed record Ports(int Balancer, int Web, int Dashboard, int Otlp)
    {
        /// <summary>Those of a run that names none.</summary>
        public static readonly Ports Usual = new(8080, 5173, 18888, 18889);

        public static Ports Free() => new(FreePorts.Next(), FreePorts.Next(), FreePorts.Next(), FreePorts.Next());
    }
}
