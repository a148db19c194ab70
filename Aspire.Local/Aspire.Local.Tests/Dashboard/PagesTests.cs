using System.Net;
using Aspire.Local.Dashboard.Hosting;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class PagesTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/console")]
    [InlineData("/traces")]
    [InlineData("/logs")]
    [InlineData("/metrics")]
    [InlineData("/traces/0102030405060708090a0b0c0d0e0f10")]
    public async Task Every_page_is_served_without_an_AppHost_and_without_telemetry(string path)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.Pages.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("<h1", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_page_says_so()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.Pages.GetAsync("/no-such-page", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is no such page", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_page_shows_the_spans_that_came()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var sent = await dashboard.PostAsync("/v1/traces", OtlpRequests.Traces(OtlpRequests.Span(1, name: "receive <send>")));

        var page = await dashboard.Pages.GetStringAsync($"/traces/{OtlpRequests.TraceIdText}", TestContext.Current.CancellationToken);

        Assert.Contains("receive &lt;send&gt;", page, StringComparison.Ordinal);
        Assert.Contains("node-abcdefgh", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attacker.example", null, HttpStatusCode.BadRequest)]
    [InlineData("localhost:5173", "http://attacker.example", HttpStatusCode.Forbidden)]
    [InlineData("localhost:5173", "http://localhost:5173", HttpStatusCode.OK)]
    public async Task Requests_that_another_site_could_have_caused_are_refused(string host, string? origin, HttpStatusCode expected)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = host;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await dashboard.Pages.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Telemetry_and_pages_do_not_share_an_address()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var page = await dashboard.Otlp.GetAsync("/", TestContext.Current.CancellationToken);
        using var telemetry = await dashboard.Pages.PostAsync("/v1/traces", content: null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, telemetry.StatusCode);
    }

    [Fact]
    public async Task Taken_port_is_told_in_one_line()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var taken = dashboard.Pages.BaseAddress!.AbsoluteUri.TrimEnd('/');

        var exception = await Assert.ThrowsAsync<DashboardStartException>(() =>
            DashboardApp.StartAsync([$"--urls={taken}", $"--{DashboardAddresses.OtlpVariable}=http://127.0.0.1:0"], TestContext.Current.CancellationToken));

        Assert.Contains(taken, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Theory]
    [InlineData("--urls=http://0.0.0.0:1234")]
    [InlineData("--urls=https://localhost:1234")]
    [InlineData("--urls=http://example.org:1234")]
    [InlineData("--Dashboard:Limits:SpansMax=1")]
    [InlineData("--Dashboard:Limits:SpansPerTraceMax=10001")]
    public async Task Settings_that_cannot_work_stop_the_start(string setting) =>
        await Assert.ThrowsAsync<DashboardStartException>(() => TestDashboard.StartAsync(setting));
}
