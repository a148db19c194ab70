using Chat.Tests.Support;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>Tests of the page share one application, since it takes long to start: each has rooms of its own.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PageSuite : ICollectionFixture<PageFixture>
{
    public const string Name = "Pages";
}

/// <summary>The whole application with its page, a collector that takes all its spans, and a browser. Started by the first test that needs it.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(1);
    private IPlaywright? _playwright;

    internal OtlpCollector Collector { get; private set; } = null!;

    internal ChatApplication App { get; private set; } = null!;

    internal IBrowser Browser { get; private set; } = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>In a test, so that one without a browser is skipped and does not fail.</summary>
    public async Task StartAsync()
    {
        var chromium = Tool.RequireChromium();
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (Browser is not null)
            {
                return;
            }

            Collector ??= await OtlpCollector.StartAsync();
            App ??= await ChatApplication.StartAsync("embedded", nodes: 2, web: true, otlp: Collector.Url);
            _playwright ??= await Playwright.CreateAsync();
            Browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ChatPages.ChromiumArguments });
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.CloseAsync();
        }

        _playwright?.Dispose();
        if (App is not null)
        {
            await App.DisposeAsync();
        }

        if (Collector is not null)
        {
            await Collector.DisposeAsync();
        }

        _gate.Dispose();
    }
}
