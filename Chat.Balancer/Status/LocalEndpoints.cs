using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chat.Balancer.Administration;
using Chat.Balancer.Heads;
using Chat.Balancer.Relaying;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Status;

/// <summary>What the balancer answers itself, under <c>/balancer/</c>: health for everyone, status, events and metrics for loopback or a token.</summary>
internal sealed class LocalEndpoints(
    StatusReporter reporter, BalancerState state, EventStream stream, PrometheusPage metrics, NodeCommands commands, IOptions<BalancerOptions> options)
{
    public static bool Owns(RequestHead request) => request.Path.StartsWith("/balancer/", StringComparison.Ordinal);

    public async Task<Handover> AnswerAsync(RequestHead request, Wire client, Visitor visitor)
    {
        if (NodeCommands.Owns(request) && visitor.Admin)
        {
            return !MayRead(request, visitor.Address) ? Refusal.Protected
                : request.Framing is { Kind: BodyKind.Chunked } or { Length: > 0 } ? Refusal.BadLength
                : await commands.RunAsync(request) is { } refusal ? refusal
                : await SendAsync(request, client, 200, "OK", "application/json", Status(), request.KeepAlive);
        }

        if (request.Method is not ("GET" or "HEAD") || request.Framing.Kind != BodyKind.None)
        {
            return Refusal.ReadOnly;
        }

        switch (request.Path)
        {
            case "/balancer/health":
                return await AnswerHealthAsync(request, client, !state.Leaving);
            case "/balancer/health/ready":
                return await AnswerHealthAsync(request, client, !state.Leaving && reporter.AnyUsable());
            case var _ when options.Value.AdminUrls is not null && !visitor.Admin:
                return Refusal.NotFound;
            case "/balancer/status" or "/balancer/events" or "/balancer/metrics" when !MayRead(request, visitor.Address):
                return Refusal.Protected;
            case "/balancer/status":
                return await SendAsync(request, client, 200, "OK", "application/json", Status(), request.KeepAlive);
            case "/balancer/metrics":
                return await SendAsync(request, client, 200, "OK", PrometheusPage.ContentType, Encoding.UTF8.GetBytes(metrics.Write()), request.KeepAlive);
            case "/balancer/events" when !request.IsHead:
                await stream.RunAsync(client);
                return Handover.Close;
            default:
                return Refusal.NotFound;
        }
    }

    private Task<Handover> AnswerHealthAsync(RequestHead request, Wire client, bool healthy) => healthy
        ? SendAsync(request, client, 200, "OK", "application/json", """{"status":"healthy"}"""u8.ToArray(), keepAlive: request.KeepAlive)
        : SendAsync(request, client, 503, "Service Unavailable", "application/json", """{"status":"unhealthy"}"""u8.ToArray(), keepAlive: false);

    private async Task<Handover> SendAsync(
        RequestHead request, Wire client, int status, string phrase, string contentType, byte[] body, bool keepAlive)
    {
        using var patience = client.DeadlineFor(aborts: true);
        patience.Set(TimeSpan.FromSeconds(options.Value.HeadSeconds));
        return new Handover(await client.SendAsync(Reply.Of(status, phrase, contentType, body, request.IsHead, keepAlive)) && keepAlive);
    }

    private byte[] Status() => JsonSerializer.SerializeToUtf8Bytes(
        reporter.Report(state.Draining, state.HandshakesWaiting), StatusJson.Default.StatusReport);

    /// <summary>
    /// Loopback by address and by name: a page that rebinds its own name to 127.0.0.1 still sends that name. What a proxy on this machine passes
    /// on comes from elsewhere.
    /// </summary>
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
        return IPAddress.IsLoopback(address) && !IsPassedOn(request)
            && (name == "localhost" || (IPAddress.TryParse(name.Trim('[', ']'), out var named) && IPAddress.IsLoopback(named)));
    }

    private static bool IsPassedOn(RequestHead request) =>
        request.Fields.Find("x-forwarded-for"u8, out _) + request.Fields.Find("forwarded"u8, out _) + request.Fields.Find("via"u8, out _) > 0;
}

/// <param name="Address">Of the connection, whatever a proxy says.</param>
/// <param name="Admin">It came to a listener for operators.</param>
internal readonly record struct Visitor(IPAddress Address, bool Admin);
