using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chat.Balancer.Probing;
using Chat.Tests.Balancer.Support;
using Chat.Tests.Cluster;

namespace Chat.Tests.Balancer;

/// <summary>What is refused costs little, however much of it there is.</summary>
[Collection(ClusterSuite.Name)]
public sealed class RefusedConnectionTests
{
    [Fact]
    public async Task Refused_clients_that_hold_on_are_few_and_the_others_wait_to_be_accepted()
    {
        await using var balancer = await TestBalancer.StartAsync("ConnectionsMax=1", "RefusedConnectionsMax=5");
        using var served = await balancer.ConnectAsync();
        await Eventually.HoldsAsync("one is served", () => balancer.Connections == 1);
        var clients = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => balancer.ConnectAsync()));
        await Eventually.HoldsAsync("all places are taken", () => balancer.Refused == 5);

        var mostAtOnce = 0L;
        var started = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync("half a second has passed", () =>
        {
            mostAtOnce = Math.Max(mostAtOnce, balancer.Telemetry.Refusals.GetValueOrDefault("connections"));
            return Stopwatch.GetElapsedTime(started).TotalSeconds > 0.5;
        });

        Assert.Equal(5, mostAtOnce);
        foreach (var client in clients)
        {
            Assert.StartsWith("HTTP/1.1 503 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
            client.Dispose();
        }

        await Eventually.HoldsAsync("nobody holds a place", () => balancer.Refused == 0);
        Assert.Equal(60, balancer.Telemetry.Refusals["connections"]);
    }

    [Fact]
    public async Task On_a_tls_port_a_refused_client_is_closed_before_it_says_anything()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.pem");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        await File.WriteAllTextAsync(path, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        await using var balancer = await TestBalancer.StartAsync(
            "Urls=https://127.0.0.1:0", $"CertificatePath={path}", "ConnectionsMax=1", "HeadSeconds=60");
        File.Delete(path);
        using var served = await balancer.ConnectAsync();
        await Eventually.HoldsAsync("one is served", () => balancer.Connections == 1);

        using var refused = await balancer.ConnectAsync();

        Assert.Equal("", await refused.ReadToEndAsync());
        Assert.Equal(1, balancer.Telemetry.Refusals["connections"]);
    }

    [Theory]
    [InlineData(SocketError.TooManyOpenSockets, true)]
    [InlineData(SocketError.AddressNotAvailable, true)]
    [InlineData(SocketError.ConnectionRefused, false)]
    [InlineData(SocketError.TimedOut, false)]
    public void Probe_for_which_this_process_has_no_room_says_nothing_about_the_node(SocketError error, bool local) =>
        Assert.Equal(local, Prober.IsLocal(new HttpRequestException("", new SocketException((int)error))));
}
