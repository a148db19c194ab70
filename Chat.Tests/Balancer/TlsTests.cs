using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chat.Protocol;
using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

public sealed class TlsTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.pem");
    private readonly string _thumbprint;

    public TlsTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        File.WriteAllText(_path, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        _thumbprint = certificate.Thumbprint;
    }

    [Fact]
    public async Task Web_socket_over_tls_passes_both_ways_and_closes_cleanly()
    {
        await using var app = await KestrelNode.StartAsync();
        await using var balancer = await TestBalancer.StartAsync("Urls=https://127.0.0.1:0", $"CertificatePath={_path}");
        balancer.Table.Apply([new NodeLease("k", "1", app.Url, NodeState.Ready, 0, 0)]);
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = IsOurs;
        var sent = new byte[100_000];
        new Random(1).NextBytes(sent);

        await socket.ConnectAsync(new Uri($"wss://{balancer.Endpoint}/ws"), CancellationToken.None);
        await socket.SendAsync(sent, WebSocketMessageType.Binary, true, CancellationToken.None);
        var received = new byte[sent.Length];
        for (var count = 0; count < received.Length;)
        {
            count += (await socket.ReceiveAsync(received.AsMemory(count), CancellationToken.None)).Count;
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        Assert.Equal(sent, received);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task Node_is_told_that_the_client_came_over_tls()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "Urls=https://127.0.0.1:0", $"CertificatePath={_path}");
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = IsOurs } };
        using var http = new HttpClient(handler);

        var answer = http.GetAsync($"https://{balancer.Endpoint}/");
        var (head, _) = await node.AnswerAsync("HTTP/1.1 204 No Content\r\n\r\n");

        Assert.Contains("X-Forwarded-Proto: https\r\n", head, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await answer).StatusCode);
    }

    [Fact]
    public async Task Plain_text_and_dawdling_on_a_tls_port_are_cut_and_counted()
    {
        await using var balancer = await TestBalancer.StartAsync(
            "Urls=https://127.0.0.1:0", $"CertificatePath={_path}", "HeadSeconds=0.3");
        using var plain = await balancer.ConnectAsync();
        using var silent = await balancer.ConnectAsync();

        await plain.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.DoesNotContain("HTTP", await plain.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.True(await silent.IsResetAsync());
        await Eventually.HoldsAsync("both are counted", () => balancer.Telemetry.Refusals.GetValueOrDefault("tls-handshake") == 2);
    }

    [Fact]
    public async Task Https_without_a_certificate_does_not_start()
    {
        await Assert.ThrowsAsync<FormatException>(() => TestBalancer.StartAsync("Urls=https://127.0.0.1:0"));
    }

    public void Dispose() => File.Delete(_path);

    private bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate?.GetCertHashString() == _thumbprint;
}
