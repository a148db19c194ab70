using System.Collections.Concurrent;
using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Lab.Experiments;
using Chat.Lab.Faults;
using Chat.Lab.Results;

namespace Chat.Lab.Clients;

/// <summary>All users of a cell. Who writes, where and when, follows from the seed.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int ConnectingMax = 50;
    private const int InTurnMax = 100;

    /// <summary>Who waits for so many acks writes no more: a person would not, either.</summary>
    private const int OpenMax = 50;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentBag<LabClient> _clients = [];
    private readonly ConcurrentDictionary<int, LabClient> _speakers = new();
    private readonly HttpClient _http;
    private readonly LabCluster _cluster;
    private readonly Load _load;
    private readonly Random _random;
    private readonly int _seed;

    public Crowd(LabCluster cluster, Load load, LabParameters parameters)
    {
        (_cluster, _load, _seed, _random) = (cluster, load, parameters.Seed, Seeds.For(parameters.Seed, "load"));
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromSeconds(5) };
    }

    public LabClock Clock { get; } = new();

    public IReadOnlyCollection<LabClient> Clients => _clients;

    /// <summary>Whether clients come back at random times, as they should.</summary>
    public bool Jitter { get; init; } = true;

    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes as fast as the load says; 0 stops it.</summary>
    public double MessagesPerSecond { get; set; }

    /// <summary>
    /// Everybody connects through the balancer and enters a room: one after the other while they are few, so that the balancer's seed
    /// decides who is where; many come at once, and then chance has a say in it.
    /// </summary>
    public Task EnterAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, _load.Clients),
        new ParallelOptions { MaxDegreeOfParallelism = _load.Clients <= InTurnMax ? 1 : ConnectingMax, CancellationToken = cancellationToken },
        async (index, token) =>
        {
            var client = Add(Load.UserOf(index), ownLink: index < _load.OwnLinks);
            await client.JoinAsync(_load.RoomOf(index), token);
            _speakers[index] = client;
        });

    /// <summary>One more user, who has joined nothing yet.</summary>
    /// <param name="ownLink">With a fault proxy for it alone, between it and the one before the balancer.</param>
    /// <param name="change">Of the options all others have.</param>
    /// <param name="url">A node, past the balancer.</param>
    public LabClient Add(string user, bool ownLink = false, Func<ChatClientOptions, ChatClientOptions>? change = null, Uri? url = null)
    {
        var target = url ?? _cluster.Balancer.Url;
        var link = ownLink ? FaultProxy.Start(target.Port, Seeds.Mix(_seed, $"link of {user}")) : null;
        var options = new ChatClientOptions
        {
            Url = link is null ? target : new Uri($"http://127.0.0.1:{link.Port}"),

            // Past every fault: what is tested is the connection, not the sign-in.
            Token = DevelopmentLogin.For(_http, target, user),
            ConnectTimeout = TimeSpan.FromSeconds(4),
            BackoffMin = BackoffMin,
            BackoffMax = TimeSpan.FromSeconds(2),
            SilenceSlack = TimeSpan.FromSeconds(2),
            RoomEventsMax = 100_000,
            JoinTimeout = Timeout.InfiniteTimeSpan,
            Jitter = Jitter,
            Random = Seeds.Shared(_seed, $"backoff of {user}"),
        };
        var client = new LabClient(user, change?.Invoke(options) ?? options, Clock, link, _clients.Count(other => other.User == user));
        _clients.Add(client);
        return client;
    }

    /// <summary>Writes until it is stopped, never catching up on what a slow moment has missed.</summary>
    public async Task SpeakAsync(ILabProgress progress, CancellationToken stop)
    {
        MessagesPerSecond = _load.MessagesPerSecond;
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        var owed = 0.0;
        var last = Clock.Now;
        var told = last;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var now = Clock.Now;
                owed += Math.Min(now - last, 0.2) * MessagesPerSecond;
                last = now;
                for (; owed >= 1; owed--)
                {
                    var index = _random.Next(_load.Clients);
                    Speak(index);
                }

                if (now - told > 0.5)
                {
                    told = now;
                    Tell(progress);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Tell(progress);
        }
    }

    /// <summary>Everybody who is there, by node; null for those who are on none.</summary>
    public ILookup<string?, LabClient> ByNode() => _clients.ToLookup(client => client.Node);

    public Task<string> LoginAsync(string user, CancellationToken cancellationToken) =>
        DevelopmentLogin.LoginAsync(_http, _cluster.Balancer.Url, user, cancellationToken);

    /// <summary>User number i of the load.</summary>
    public LabClient this[int index] => _speakers[index];

    public async ValueTask DisposeAsync()
    {
        await Parallel.ForEachAsync(
            _clients, new ParallelOptions { MaxDegreeOfParallelism = ConnectingMax }, async (client, _) => await client.DisposeAsync());
        _http.Dispose();
    }

    private void Speak(int index)
    {
        if (_speakers.TryGetValue(index, out var client) && client is { IsGone: false, Open: < OpenMax })
        {
            client.Send(_load.RoomOf(index), _load.TextBytes);
        }
    }

    private void Tell(ILabProgress progress) => progress.Counts(
        _clients.Sum(client => client.Sent), _clients.Sum(client => client.Acked), _clients.Sum(client => client.Shown), _clients.Sum(client => client.Open));
}
