using System.Net.Http.Headers;
using Aspire.Local.Dashboard.Hosting;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

/// <summary>The real dashboard on free ports.</summary>
internal sealed class TestDashboard : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestDashboard(WebApplication app)
    {
        _app = app;
        var urls = app.Urls.ToArray();
        Pages = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(urls[0]) };
        Otlp = new HttpClient { BaseAddress = new Uri(urls[1]) };
    }

    public HttpClient Pages { get; }

    public HttpClient Otlp { get; }

    public static async Task<TestDashboard> StartAsync(params string[] settings) => new(await DashboardApp.StartAsync(
        ["--urls=http://127.0.0.1:0", $"--{DashboardAddresses.OtlpVariable}=http://127.0.0.1:0", .. settings],
        TestContext.Current.CancellationToken));

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public Task<HttpResponseMessage> PostAsync(string path, IMessage message) => PostAsync(path, message.ToByteArray());

    public async Task<HttpResponseMessage> PostAsync(
        string path, byte[] body, string contentType = "application/x-protobuf", string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return await Otlp.PostAsync(path, content, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Pages.Dispose();
        Otlp.Dispose();
        await _app.DisposeAsync();
    }
}
