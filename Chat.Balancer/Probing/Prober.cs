using System.Net;
using Chat.Balancer.Destinations;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Probing;

/// <summary>Asks every node whether it is ready, each on its own schedule, and counts what it hears.</summary>
internal sealed class Prober(
    DestinationTable table,
    IOptions<BalancerOptions> options,
    DestinationNews news,
    TimeProvider clock,
    Random random) : BackgroundService
{
    private readonly TimeSpan _period = TimeSpan.FromSeconds(options.Value.ProbePeriodSeconds);
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        // A node that takes nothing new may still answer on a connection it has.
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectTimeout = TimeSpan.FromSeconds(options.Value.ProbeTimeoutSeconds),
        ActivityHeadersPropagator = null,
        UseProxy = false,
        UseCookies = false,
    })
    {
        Timeout = TimeSpan.FromSeconds(options.Value.ProbeTimeoutSeconds),
    };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_period / 4, clock);
        var probes = new Dictionary<Destination, Task>();
        do
        {
            var present = table.Current.Select(view => view.Destination).ToHashSet();
            foreach (var gone in probes.Keys.Where(destination => !present.Contains(destination)).ToList())
            {
                probes.Remove(gone);
            }

            foreach (var destination in present.Where(destination => !probes.ContainsKey(destination)))
            {
                probes[destination] = ProbeAsync(destination, stoppingToken);
            }
        }
        while (await timer.NextAsync(stoppingToken));

        await Task.WhenAll(probes.Values);
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    /// <summary>Probes one destination for as long as the table has it. A failure is followed up at once: a paused node must be out soon.</summary>
    private async Task ProbeAsync(Destination destination, CancellationToken cancellationToken)
    {
        var uri = new Uri($"http://{destination.Endpoint}{options.Value.ProbePath}");
        while (!cancellationToken.IsCancellationRequested && table.Current.Any(view => view.Destination == destination))
        {
            var failure = await AskAsync(uri, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            Report(destination, failure);

            var wait = failure is not null && destination.Health.Healthy ? _period / 10 : _period * (0.9 + (0.2 * random.NextDouble()));
            await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Report(Destination destination, string? failure)
    {
        news.Probed(destination.Id, failure);
        if (failure is null && destination.Health.Succeed())
        {
            destination.SlowStartAgain();
            news.Returned(destination.Id);
        }
        else if (failure is not null && destination.Health.Fail(certain: false, failure))
        {
            news.Left(destination.Id, failure);
        }
    }

    /// <returns>Null when it is ready, otherwise why not.</returns>
    private async Task<string?> AskAsync(Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(uri, cancellationToken);
            return response.StatusCode == HttpStatusCode.OK ? null : $"status {(int)response.StatusCode}";
        }
        catch (HttpRequestException exception)
        {
            return exception.HttpRequestError.ToString();
        }
        catch (OperationCanceledException)
        {
            return "no answer in time";
        }
    }
}
