using System.Diagnostics;
using Microsoft.Playwright;

namespace Chat.Tests.EndToEnd;

/// <summary>Two pages side by side, and above them what happens, as a moving picture.</summary>
internal sealed class Film
{
    private const int Width = 470;
    private const int Height = 400;

    private readonly MovingPicture _picture = new();
    private readonly IPage _left;
    private readonly IPage _right;
    private readonly IPage _stage;

    private Film(IPage left, IPage right, IPage stage) => (_left, _right, _stage) = (left, right, stage);

    public static async Task<Film> BeginAsync(IBrowser browser, IPage left, IPage right)
    {
        foreach (var page in new[] { left, right })
        {
            await page.SetViewportSizeAsync(Width, Height);
            await page.AddStyleTagAsync(new() { Content = "* { caret-color: transparent !important; animation: none !important; transition: none !important; }" });
        }

        var stage = await (await browser.NewContextAsync(new() { ViewportSize = new() { Width = (2 * Width) + 30, Height = Height + 60 } })).NewPageAsync();
        await stage.SetContentAsync(
            $$"""
            <style>
              body { margin: 0; background: #1d2433; color: #fff; font: 600 19px system-ui, sans-serif; }
              p { margin: 0; height: 40px; line-height: 40px; text-align: center; }
              div { display: flex; gap: 10px; padding: 0 10px; }
              img { width: {{Width}}px; height: {{Height}}px; border-radius: 6px; }
            </style>
            <p></p><div><img><img></div>
            """);
        return new Film(left, right, stage);
    }

    /// <summary>Shows both pages as they are now.</summary>
    public async Task ShowAsync(string title, double seconds) => _picture.Add(await TakeAsync(title), TimeSpan.FromSeconds(seconds));

    /// <summary>Shows both pages as they change, for as long as it really takes.</summary>
    public async Task FollowAsync(string title, Func<Task<int>> left, int secondsMax)
    {
        var start = Stopwatch.GetTimestamp();
        for (var more = true; more && Stopwatch.GetElapsedTime(start).TotalSeconds < secondsMax;)
        {
            var began = Stopwatch.GetTimestamp();
            more = await left() > 0;
            var taken = await TakeAsync(title);
            _picture.Add(taken, Stopwatch.GetElapsedTime(began));
        }
    }

    public byte[] Encode() => _picture.Encode();

    private async Task<byte[]> TakeAsync(string title)
    {
        var images = await Task.WhenAll(_left.ScreenshotAsync(), _right.ScreenshotAsync());
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
