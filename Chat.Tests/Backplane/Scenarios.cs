using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Tests.Backplane.Support;

namespace Chat.Tests.Backplane;

/// <summary>One scenario for each promise. Each says what broke, or null when the promise was kept.</summary>
internal static class Scenarios
{
    public static Task<string?> RunAsync(Promise promise, StrategyCluster cluster) => promise switch
    {
        Promise.ReachesOtherNodes => ReachesOtherNodesAsync(cluster),
        Promise.OneOrder => OneOrderAsync(cluster),
        Promise.NothingLostInABlink => NothingLostInABlinkAsync(cluster),
        Promise.RetryOnTheSameNode => RetryAsync(cluster, cluster.A),
        Promise.RetryOnAnotherNode => RetryAsync(cluster, cluster.B),
        Promise.ResumeOnAnotherNode => ResumeOnAnotherNodeAsync(cluster),
        Promise.TellsWhatIsLost => TellsWhatIsLostAsync(cluster),
        Promise.SurvivesARestartOfRedis => SurvivesARestartOfRedisAsync(cluster),
        Promise.NothingHiddenByAFailover => NothingHiddenByAFailoverAsync(cluster),
        Promise.RefusesWhatItCannotCarry => RefusesWhatItCannotCarryAsync(cluster),
        _ => throw new ArgumentOutOfRangeException(nameof(promise), promise, null),
    };

    private static async Task<string?> ReachesOtherNodesAsync(StrategyCluster cluster)
    {
        var room = StrategyCluster.NewRoom();
        await using var bob = await Member.JoinAsync(cluster.B, room);

        await cluster.A.PublishAsync(room, "hello");

        return await bob.ReceivesAsync("hello", cluster.Patience) ? null : "the member on B did not get it";
    }

    private static async Task<string?> OneOrderAsync(StrategyCluster cluster)
    {
        var (room, (a, b)) = (StrategyCluster.NewRoom(), (cluster.A, cluster.B));
        await using var ada = await Member.JoinAsync(a, room);
        await using var bob = await Member.JoinAsync(b, room);

        // A script that the server does not know yet would be two steps where there is one.
        await a.PublishAsync(StrategyCluster.NewRoom(), "first of all");
        a.Link.Hold();
        b.Link.Hold();
        var fromA = await a.StartPublishAsync(room, "from a");
        var fromB = await b.StartPublishAsync(room, "from b");
        b.Link.Release();
        await fromB;
        a.Link.Release();
        await fromA;

        foreach (var (member, id) in new[] { (ada, "from a"), (ada, "from b"), (bob, "from a"), (bob, "from b") })
        {
            if (!await member.ReceivesAsync(id, cluster.Patience))
            {
                return $"one member never got \"{id}\"";
            }
        }

        var seen = ada.Received.Select(message => message.Id).ToArray();
        if (!seen.SequenceEqual(bob.Received.Select(message => message.Id)))
        {
            return "A's member and B's member saw different orders";
        }

        var offsets = ada.Received.Select(message => message.Offset).ToArray();
        return offsets.SequenceEqual(offsets.Order()) ? null : $"delivered in the order {string.Join(", ", offsets)}";
    }

    private static async Task<string?> NothingLostInABlinkAsync(StrategyCluster cluster)
    {
        var room = StrategyCluster.NewRoom();
        await using var bob = await Member.JoinAsync(cluster.B, room);

        using (cluster.B.Link.Cut())
        {
            await cluster.A.PublishAsync(room, "meanwhile");
        }

        return !await cluster.SendUntilAsync(cluster.A, room, bob) ? "nothing came after it either"
            : bob.Shown.Contains("meanwhile") ? null
            : "it was not shown, and what came after it was";
    }

    private static async Task<string?> RetryAsync(StrategyCluster cluster, StrategyNode retriedOn)
    {
        var room = StrategyCluster.NewRoom();
        await using var ada = await Member.JoinAsync(cluster.A, room);
        await using var bob = await Member.JoinAsync(cluster.B, room);

        var first = await cluster.A.PublishAsync(room, "once");
        var second = await retriedOn.PublishAsync(room, "once");

        // What was published on the same node after the retry comes after the retry.
        await cluster.SendUntilAsync(retriedOn, room, ada);
        await cluster.SendUntilAsync(retriedOn, room, bob);
        var shown = new[] { ada, bob }.Max(member => member.Shown.Count(id => id == "once"));
        return shown > 1 ? $"it was shown {shown} times"
            : second == new Stored(first.Position, Duplicate: true) ? null
            : $"the retry was stored as another message: {second}";
    }

    private static async Task<string?> ResumeOnAnotherNodeAsync(StrategyCluster cluster)
    {
        var (room, b) = (StrategyCluster.NewRoom(), cluster.B.Backplane);
        var first = await cluster.A.PublishAsync(room, "1");
        await cluster.A.PublishAsync(room, "2");
        await cluster.A.PublishAsync(room, "3");

        var newest = await b.ReadAfterAsync(room, after: null, CancellationToken.None);
        var page = await b.ReadBeforeAsync(room, long.MaxValue, limit: 2, CancellationToken.None);
        var resumed = await b.ReadAfterAsync(room, first.Position, CancellationToken.None);

        return Ids(newest.Messages) != "1 2 3" ? $"B has this history: [{Ids(newest.Messages)}]"
            : Ids(page.Messages) != "2 3" || !page.More ? $"B has this page: [{Ids(page.Messages)}]"
            : !resumed.Recovered || Ids(resumed.Messages) != "2 3" ? $"B resumes with [{Ids(resumed.Messages)}]"
            : null;
    }

    private static async Task<string?> TellsWhatIsLostAsync(StrategyCluster cluster)
    {
        var room = StrategyCluster.NewRoom();
        await using var bob = await Member.JoinAsync(cluster.B, room);
        await cluster.A.PublishAsync(room, "before");
        await bob.ReceivesAsync("before", cluster.Patience);

        using (cluster.B.Link.Cut())
        {
            await Task.WhenAll(Enumerable.Range(0, StrategyCluster.MoreThanTheLogKeeps)
                .Select(number => cluster.A.PublishUntilAckedAsync(room, $"lost-{number}")));
        }

        await cluster.SendUntilAsync(cluster.A, room, bob);
        return bob.Told > 0 ? null : $"{StrategyCluster.MoreThanTheLogKeeps} messages went without a word";
    }

    private static async Task<string?> SurvivesARestartOfRedisAsync(StrategyCluster cluster)
    {
        var (room, a) = (StrategyCluster.NewRoom(), cluster.A);
        var first = await a.PublishAsync(room, "1");
        await a.PublishAsync(room, "2");

        await cluster.RestartRedisAsync();
        await a.PublishUntilAckedAsync(room, "3");

        var read = await a.Backplane.ReadAfterAsync(room, first.Position, CancellationToken.None);
        return read.Recovered && Ids(read.Messages) == "2 3" ? null : $"after the first there is [{Ids(read.Messages)}]";
    }

    private static async Task<string?> NothingHiddenByAFailoverAsync(StrategyCluster cluster)
    {
        var (room, a) = (StrategyCluster.NewRoom(), cluster.A);
        await using var ada = await Member.JoinAsync(a, room);
        await a.PublishAsync(room, "1");
        var failOver = await cluster.SaveRoomAsync(room);
        await a.PublishAsync(room, "2");
        await a.PublishAsync(room, "3");
        Assert.True(await ada.ReceivesAsync("3", TimeSpan.FromSeconds(10)));

        await failOver();

        // Redis has as much as before when A hears of the first.
        a.Link.Hold();
        var publishing = new[] { await a.StartPublishAsync(room, "new"), await a.StartPublishAsync(room, "newer") };
        a.Link.Release();
        await Task.WhenAll(publishing);

        await cluster.SendUntilAsync(a, room, ada, id => ada.Shown.Contains(id));
        return ada.Shown.Contains("new") ? null : "it was acked and never shown: its number had been seen before";
    }

    private static async Task<string?> RefusesWhatItCannotCarryAsync(StrategyCluster cluster)
    {
        var (room, a) = (StrategyCluster.NewRoom(), cluster.A);
        using var cut = a.Link.Cut();
        try
        {
            await a.PublishAsync(room, "into the void");
            return "it was acked";
        }
        catch (BackplaneUnavailableException)
        {
            return null;
        }
    }

    private static string Ids(IEnumerable<Publication> publications) => string.Join(
        ' ',
        publications.Select(publication =>
            ((Protocol.Frames.MessageFrame)FrameCodec.DecodeServer(publication.Frame.Span, out _)!).Id));
}
