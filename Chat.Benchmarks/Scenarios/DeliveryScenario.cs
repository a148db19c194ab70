using Chat.Benchmarks.Load;
using Chat.Benchmarks.Measuring;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks.Scenarios;

/// <summary>Messages in rooms: what one delivery costs, and how long it takes. The contenders are all up and take turns.</summary>
internal static class DeliveryScenario
{
    private const int TextBytes = 100;

    public static async Task<bool> RunAsync(Settings settings, string title, int rooms, int membersEach, double perSecond)
    {
        using var reactor = new Reactor();
        var contenders = new List<Contender>();
        var crowds = new List<Crowd>();
        try
        {
            foreach (var start in Run.Contenders(settings))
            {
                contenders.Add(await start());
            }

            // Only now: while a server starts, nobody answers the pings of clients that are in already.
            foreach (var contender in contenders)
            {
                var crowd = new Crowd(contender, reactor, TextBytes);
                crowds.Add(crowd);
                crowd.Enter(rooms, membersEach);
                Window.Measure(contender, crowd, perSecond, TimeSpan.FromSeconds(settings.Warmup));
            }

            var results = contenders.ConvertAll(contender => (contender.Name, new List<Window>()));
            for (var turn = 0; turn < settings.Windows; turn++)
            {
                for (var i = 0; i < contenders.Count; i++)
                {
                    results[i].Item2.Add(Window.Measure(contenders[i], crowds[i], perSecond, TimeSpan.FromSeconds(settings.Seconds)));
                }
            }

            Report.Print(title, results.ConvertAll(result => (result.Name, (IReadOnlyList<Window>)result.Item2)));
            return results[0].Item2.TrueForAll(window => window.Wrong == 0) && crowds[0].RefusedCount == 0;
        }
        finally
        {
            crowds.ForEach(crowd => crowd.Dispose());
            foreach (var contender in contenders)
            {
                await contender.DisposeAsync();
            }
        }
    }
}
