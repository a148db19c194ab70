using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Lab.Faults;
using Chat.Tests.Support;

namespace Chat.Tests.Cluster;

/// <summary>Redis comes back without its last writes, as after a failover: the clients are told instead of fooled.</summary>
[Collection(ClusterSuite.Name)]
public sealed class LostWritesTests
{
    private const string Room = "lobby";

    [Fact]
    public async Task Everyone_who_was_shown_what_Redis_lost_is_told_and_sees_the_log_as_it_is_now()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Redis = RedisServerKind.RedisServer });
        await using var ada = await TestUser.JoinAsync(cluster, "ada", Room, node: 0);
        await using var bob = await TestUser.JoinAsync(cluster, "bob", Room, node: 1);
        await SendAllSeeAsync(10, ada, bob);
        using var copy = await DataCopy.TakeAsync(cluster);
        await SendAllSeeAsync(20, ada, bob);

        await copy.RestoreAsync(cluster);

        await Within.True(30, () => Task.FromResult(ada.WasReset && bob.WasReset), "both are told of the loss");
        ada.Send(5);
        bob.Send(5);
        await TestUser.AssertRightAsync(cluster, Room, [ada, bob], redisLostData: true);
        Assert.All([ada, bob], user => Assert.Single(user.View.Events.OfType<ContinuityLost>()));
    }

    [Fact]
    public async Task A_node_that_comes_back_after_the_lost_places_were_filled_again_tells_its_clients()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Redis = RedisServerKind.RedisServer });
        await using var ada = await TestUser.JoinAsync(cluster, "ada", Room, node: 0);
        ada.Send(10);
        await ada.ShownAsync(10);
        using var copy = await DataCopy.TakeAsync(cluster);
        ada.Send(10);
        await ada.ShownAsync(20);

        cluster.Nodes[0].Redis.Set(Fault.Refuse);
        await copy.RestoreAsync(cluster);
        await using var bob = await TestUser.JoinAsync(cluster, "bob", Room, node: 1);
        bob.Send(15);
        await bob.AckedAsync();
        cluster.Nodes[0].Redis.Set(Fault.Pass);
        await cluster.Nodes[0].WaitReadyAsync(TestContext.Current.CancellationToken);

        bob.Send(1);
        await TestUser.AssertRightAsync(cluster, Room, [ada, bob], redisLostData: true);
        Assert.True(ada.WasReset);
    }

    private static async Task SendAllSeeAsync(int top, TestUser ada, TestUser bob)
    {
        ada.Send(5);
        bob.Send(5);
        await ada.ShownAsync(top);
        await bob.ShownAsync(top);
    }

    /// <summary>The data of a cluster's Redis at one moment.</summary>
    private sealed class DataCopy : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("chat-copy-").FullName;

        public static async Task<DataCopy> TakeAsync(TestCluster cluster)
        {
            var copy = new DataCopy();
            await cluster.RestartRedisAsync(whileStopped: () => Copy(cluster.Redis.Directory, copy._folder));
            await Task.WhenAll(cluster.Nodes.Select(node => node.WaitReadyAsync(TestContext.Current.CancellationToken)));
            return copy;
        }

        /// <summary>Kills Redis and starts it with the data as they were.</summary>
        public Task RestoreAsync(TestCluster cluster) => cluster.KillAndStartRedisAsync(whileStopped: () =>
        {
            Directory.Delete(cluster.Redis.Directory, recursive: true);
            Copy(_folder, cluster.Redis.Directory);
        });

        public void Dispose() => Directory.Delete(_folder, recursive: true);

        private static void Copy(string from, string to)
        {
            Directory.CreateDirectory(to);
            foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            {
                var copied = Path.Combine(to, Path.GetRelativePath(from, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copied)!);
                File.Copy(file, copied);
            }
        }
    }
}
