using System.Diagnostics;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>Two pages side by side, what happens above them, and the topology below, as a moving picture.</summary>
internal sealed class Film
{
    private const int Width = 470;
    private const int Height = 400;
    private const int TopologyHeight = 250;

    private readonly MovingPicture _picture = new();
    private readonly IPage _left;
    private readonly IPage _right;
    private readonly ILocator _topology;
    private readonly IPage _stage;

    private Film(IPage left, IPage right, ILocator topology, IPage stage) => (_left, _right, _topology, _stage) = (left, right, topology, stage);

    public static async Task<Film> BeginAsync(IBrowser browser, IPage left, IPage right, IPage topology)
    {
        await topology.SetViewportSizeAsync((2 * Width) + 10 + 272, TopologyHeight + 52);
        foreach (var page in new[] { left, right })
        {
            await page.SetViewportSizeAsync(Width, Height);
            await page.AddStyleTagAsync(new() { Content = "* { caret-color: transparent !important; animation: none !important; transition: none !important; }" });
        }

        var stage = await (await browser.NewContextAsync(new() { ViewportSize = new() { Width = (2 * Width) + 30, Height = Height + TopologyHeight + 60 } })).NewPageAsync();
        await stage.SetContentAsync(
            $$"""
            <style>
              body { margin: 0; background: #1d2433; color: #fff; font: 600 19px system-ui, sans-serif; }
              p { margin: 0; height: 40px; line-height: 40px; text-align: center; }
              div { display: flex; gap: 10px; padding: 0 10px; }
              img { width: {{Width}}px; height: {{Height}}px; border-radius: 6px; }
              img:last-child { width: {{(2 * Width) + 10}}px; height: {{TopologyHeight}}px; margin-top: 10px; object-fit: cover; object-position: top; }
              div { flex-wrap: wrap; row-gap: 0; }
            </style>
            <p></p><div><img><img><img></div>
            """);
        return new Film(left, right, topology.GetByTestId("topology"), stage);
    }

    /// <summary>Shows both pages as they are now.</summary>
    public async Task ShowAsync(string title, double seconds) => _picture.Add(await TakeAsync(title), TimeSpan.FromSeconds(seconds));

    /// <summary>Shows both pages as they change, for as long as it really takes.</summary>
    /// <param name="goesOn">Asked before each picture; the last one is taken when it no longer does.</param>
    public async Task FollowAsync(string title, Func<Task<bool>> goesOn, int secondsMax)
    {
        var start = Stopwatch.GetTimestamp();
        for (var more = true; more && Stopwatch.GetElapsedTime(start).TotalSeconds < secondsMax;)
        {
            var began = Stopwatch.GetTimestamp();
            more = await goesOn();
            var taken = await TakeAsync(title);
            _picture.Add(taken, Stopwatch.GetElapsedTime(began));
        }
    }

    public byte[] Encode() => _picture.Encode();

    private async Task<byte[]> TakeAsync(string title)
    {
        var images = await Task.WhenAll(_left.ScreenshotAsync(), _right.ScreenshotAsync(), _topology.ScreenshotAsync());
        await _stage.EvaluateAsync(
            """
            async ({ title, images }) => {
              document.querySelector('p').textContent = title;
              const places = [...document.querySelectorAll('img')];
              await Promise.all(places.map((place, index) => { place.src = `data:image/png;base64,${images[index]}`; return place.decode(); }));
            }
            """,
            new { title, images = images.Select(Convert.ToBase64String).ToArray() });
        return await _stage.ScreenshotAsync();
    }
}
