using System.Net;
using System.Net.Sockets;
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
    private static readonly HttpRequestOptionsKey<bool> Connected = new(nameof(Connected));

    private readonly TimeSpan _period = TimeSpan.FromSeconds(options.Value.ProbePeriodSeconds);
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        // A node that takes nothing new may still answer on a connection it has.
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = ConnectAsync,
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
            var present = table.Watched.ToHashSet();
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

    /// <summary>Probes one destination for as long as the table watches it. A failure is followed up at once: a paused node must be out soon.</summary>
    private async Task ProbeAsync(Destination destination, CancellationToken cancellationToken)
    {
        var uri = new Uri($"http://{destination.Endpoint}{options.Value.ProbePath}");
        while (!cancellationToken.IsCancellationRequested && table.Watched.Contains(destination))
        {
            var finding = await AskAsync(uri, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (finding is not null)
            {
                Report(destination, finding);
            }

            var wait = finding is { Failure: not null } && destination.Health.Healthy ? _period / 10 : _period * (0.9 + (0.2 * random.NextDouble()));
            await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Report(Destination destination, Finding finding)
    {
        news.Probed(destination.Id, finding.Failure);
        destination.Health.Found(finding.Reachable, finding.Answered);
        if (finding.Failure is null)
        {
            if (destination.Health.Succeed())
            {
                destination.SlowStartAgain();
                news.Returned(destination.Id);
            }
        }
        else if (destination.Health.Fail(certain: false, finding.Failure))
        {
            news.Left(destination.Id, finding.Failure);
        }
    }

    /// <returns>Null when this process had no room to ask: that says nothing about the node.</returns>
    private async Task<Finding?> AskAsync(Uri uri, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return new Finding(response.StatusCode == HttpStatusCode.OK ? null : $"status {(int)response.StatusCode}", true, true);
        }
        catch (HttpRequestException exception) when (IsLocal(exception))
        {
            return null;
        }
        catch (HttpRequestException exception)
        {
            return new Finding(exception.HttpRequestError.ToString(), IsConnected(request), Answered: false);
        }
        catch (OperationCanceledException)
        {
            return new Finding("no answer in time", IsConnected(request), Answered: false);
        }
    }

    private static bool IsConnected(HttpRequestMessage request) => request.Options.TryGetValue(Connected, out var connected) && connected;

    /// <summary>No descriptor, port or memory is left here.</summary>
    internal static bool IsLocal(HttpRequestException exception) => exception.InnerException is SocketException
    {
        SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.AddressNotAvailable
            or SocketError.AddressAlreadyInUse or SocketError.AccessDenied,
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            context.InitialRequestMessage.Options.Set(Connected, true);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <param name="Failure">Null when it is ready.</param>
    /// <param name="Reachable">Its connection was taken.</param>
    private sealed record Finding(string? Failure, bool Reachable, bool Answered);
}
