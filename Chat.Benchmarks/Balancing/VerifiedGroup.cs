using System.Collections.Concurrent;
using Chat.Benchmarks.Load;
using Chat.Client;

namespace Chat.Benchmarks.Balancing;

/// <summary>A few clients beside a crowd that hold the chat to its word: what was acked is shown to every member, once and in order.</summary>
internal sealed class VerifiedGroup : IAsyncDisposable
{
    private const int Rooms = 3;
    private const int MembersEach = 4;
    private static readonly TimeSpan SendPeriod = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(50);

    private readonly List<Member> _members = [];
    private readonly CancellationTokenSource _stopSending = new();

    /// <returns>Once all are in their rooms.</returns>
    public static async Task<VerifiedGroup> StartAsync(Uri url, ChatDialect dialect)
    {
        var group = new VerifiedGroup();
        for (var i = 0; i < Rooms * MembersEach; i++)
        {
            var user = $"verified-{i}";
            var client = new ChatClient(new ChatClientOptions { Url = url, Token = _ => Task.FromResult(dialect.Token(user)) });
            group._members.Add(new Member(client, await client.JoinAsync($"verified-{i % Rooms}")));
        }

        group._members.ForEach(member => member.Start(SendPeriod, group._stopSending.Token));
        return group;
    }

    /// <summary>Sends nothing more, waits until everybody has everything, or too long, and judges.</summary>
    public async Task<Verdict> FinishAsync()
    {
        await _stopSending.CancelAsync();
        var start = TimeProvider.System.GetTimestamp();
        var verdict = Judge();
        while (!verdict.Good && TimeProvider.System.GetElapsedTime(start) < CatchUpMax)
        {
            await Task.Delay(LookPeriod, TimeProvider.System);
            verdict = Judge();
        }

        return verdict;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopSending.CancelAsync();
        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }

        _stopSending.Dispose();
    }

    private Verdict Judge()
    {
        var acked = _members.ToLookup(member => member.Room, member => member.Acked);
        var verdict = new Verdict(0, 0, 0, 0);
        foreach (var member in _members)
        {
            var shown = member.Shown.ToArray();
            var ids = shown.Select(message => message.Id).ToHashSet();
            var ordered = shown.Zip(shown.Skip(1)).All(pair => pair.First.Offset < pair.Second.Offset);
            verdict = new Verdict(
                verdict.Acked + member.Acked.Count,
                verdict.Lost + acked[member.Room].SelectMany(room => room).Count(id => !ids.Contains(id)),
                verdict.Wrong + (shown.Length - ids.Count) + (ordered ? 0 : 1) + member.LostContinuity,
                verdict.Pending + member.Pending);
        }

        return verdict;
    }

    private sealed class Member(ChatClient client, ChatRoom room)
    {
        private readonly ConcurrentQueue<(string Id, long Offset)> _shown = new();
        private readonly ConcurrentBag<string> _acked = [];
        private Task _running = Task.CompletedTask;
        private int _pending;

        public string Room => room.Name;

        public ConcurrentQueue<(string Id, long Offset)> Shown => _shown;

        public ConcurrentBag<string> Acked => _acked;

        public int Pending => Volatile.Read(ref _pending);

        public int LostContinuity { get; private set; }

        public void Start(TimeSpan period, CancellationToken stop) => _running = Task.WhenAll(ReadAsync(), SendAsync(period, stop));

        public async ValueTask DisposeAsync()
        {
            await client.DisposeAsync();
            await _running;
        }

        private async Task ReadAsync()
        {
            await foreach (var happened in room.ReadAllAsync())
            {
                if (happened is MessageReceived { Message: var message })
                {
                    _shown.Enqueue((message.Id, message.Offset));
                }
                else if (happened is ContinuityLost)
                {
                    LostContinuity++;
                }
            }
        }

        private async Task SendAsync(TimeSpan period, CancellationToken stop)
        {
            var sends = new List<Task>();
            while (!stop.IsCancellationRequested)
            {
                sends.Add(SendOneAsync(ChatClient.NewMessageId()));
                await Task.Delay(period, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await Task.WhenAll(sends);
        }

        private async Task SendOneAsync(string id)
        {
            Interlocked.Increment(ref _pending);
            try
            {
                await room.SendAsync(new OutgoingMessage("held to its word") { Id = id });
                _acked.Add(id);
                Interlocked.Decrement(ref _pending);
            }
            catch (ChatException)
            {
                // Not acked: nothing was promised. It stays pending, which the verdict tells.
            }
        }
    }
}

/// <param name="Lost">Acked, and not shown to a member.</param>
/// <param name="Wrong">Shown twice, out of order, or behind a hole.</param>
/// <param name="Pending">Never acked.</param>
internal sealed record Verdict(int Acked, int Lost, int Wrong, int Pending)
{
    public bool Good => Lost == 0 && Wrong == 0 && Pending == 0;

    public override string ToString() => Good ? $"{Acked} acked, nothing lost" : $"{Acked} acked, LOST {Lost}, wrong {Wrong}, pending {Pending}";
}
