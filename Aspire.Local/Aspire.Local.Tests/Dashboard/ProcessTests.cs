using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

/// <summary>The dashboard as the AppHost starts it: the built file, any working directory, no environment named.</summary>
public sealed class ProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Pages_find_their_files_from_any_directory()
    {
        var port = FreePort();
        using var process = Start(port);
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}") };
            var page = await FirstAnswerAsync(http, process);

            foreach (var file in Files(page))
            {
                using var response = await http.GetAsync(file, TestContext.Current.CancellationToken);
                Assert.True(response.IsSuccessStatusCode, $"{file}: {(int)response.StatusCode}");
            }

            Assert.Contains(Files(page), f => f.Contains("blazor.web", StringComparison.Ordinal));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Taken_port_ends_it_with_one_line_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var process = Start(((IPEndPoint)taken.LocalEndpoint).Port);

        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.Equal("", await output);
        Assert.Contains("already in use", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static Process Start(int port)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "exec", Path.Combine(BinFolder(), "Aspire.Local.Dashboard.dll") },
            Environment =
            {
                ["ASPNETCORE_URLS"] = $"http://localhost:{port}",
                ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = $"http://localhost:{FreePort()}",
            },
        };
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
        start.Environment.Remove("DOTNET_ENVIRONMENT");
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }

    private static string BinFolder() =>
        AppContext.BaseDirectory.Replace("Aspire.Local.Tests", "Aspire.Local.Dashboard", StringComparison.Ordinal);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<string> FirstAnswerAsync(HttpClient http, Process process)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(Limit);
        while (await timer.WaitForNextTickAsync(limit.Token))
        {
            Assert.False(process.HasExited, "It ended at its start.");
            try
            {
                return await http.GetStringAsync("/", limit.Token);
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }

        throw new TimeoutException();
    }

    private static string[] Files(string page) =>
    [
        .. page.Split('"').Where(part => !part.Contains(' ', StringComparison.Ordinal)
            && (part.EndsWith(".js", StringComparison.Ordinal) || part.EndsWith(".css", StringComparison.Ordinal) || part.EndsWith(".svg", StringComparison.Ordinal))),
    ];
}
