using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chat.Balancer.Heads;
using Chat.Balancer.Relaying;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Status;

/// <summary>What the balancer answers itself, under <c>/balancer/</c>: health for everyone, status and events for loopback or a token.</summary>
internal sealed class LocalEndpoints(
    StatusReporter reporter, BalancerState state, EventStream stream, IOptions<BalancerOptions> options)
{
    public static bool Owns(RequestHead request) => request.Path.StartsWith("/balancer/", StringComparison.Ordinal);

    public async Task<Handover> AnswerAsync(RequestHead request, Wire client, IPAddress address)
    {
        if (request.Method != "GET" || request.Framing.Kind != BodyKind.None)
        {
            return Refusal.BadMethod;
        }

        switch (request.Path)
        {
            case "/balancer/health":
                return await AnswerHealthAsync(client, !state.Draining);
            case "/balancer/health/ready":
                return await AnswerHealthAsync(client, !state.Draining && reporter.AnyUsable());
            case "/balancer/status" or "/balancer/events" when !MayRead(request, address):
                return Refusal.Protected;
            case "/balancer/status":
                return await SendAsync(client, 200, "OK", Status(), request.KeepAlive);
            case "/balancer/events":
                await stream.RunAsync(client);
                return Handover.Close;
            default:
                return Refusal.NotFound;
        }
    }

    private Task<Handover> AnswerHealthAsync(Wire client, bool healthy) => healthy
        ? SendAsync(client, 200, "OK", """{"status":"healthy"}"""u8.ToArray(), keepAlive: true)
        : SendAsync(client, 503, "Service Unavailable", """{"status":"unhealthy"}"""u8.ToArray(), keepAlive: false);

    private async Task<Handover> SendAsync(Wire client, int status, string phrase, byte[] body, bool keepAlive)
    {
        using var patience = client.DeadlineFor(aborts: true);
        patience.Set(TimeSpan.FromSeconds(options.Value.HeadSeconds));
        return new Handover(await client.SendAsync(Reply.Json(status, phrase, body, keepAlive)) && keepAlive);
    }

    private byte[] Status() => JsonSerializer.SerializeToUtf8Bytes(
        reporter.Report(state.Draining, state.HandshakesWaiting), StatusJson.Default.StatusReport);

    /// <summary>Loopback by address and by name: a page that rebinds its own name to 127.0.0.1 still sends that name.</summary>
    private bool MayRead(RequestHead request, IPAddress address)
    {
        if (options.Value.StatusToken is { } token && request.Fields.Find("authorization"u8, out var given) == 1
            && CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes("Bearer " + token)))
        {
            return true;
        }

        if (!Uri.TryCreate("http://" + (request.Host ?? "localhost"), UriKind.Absolute, out var host))
        {
            return false;
        }

        var name = host.Host;
        return IPAddress.IsLoopback(address)
            && (name == "localhost" || (IPAddress.TryParse(name.Trim('[', ']'), out var named) && IPAddress.IsLoopback(named)));
    }
}
