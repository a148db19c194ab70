using System.Net.Http.Headers;
using System.Text.Json;

namespace Chat.Client;

/// <summary>Asks for the list of rooms over HTTP.</summary>
internal sealed class RoomList(ChatClientOptions options) : IDisposable
{
    private readonly Lazy<HttpClient> _own = new(() => new HttpClient { Timeout = options.ConnectTimeout });

    /// <exception cref="HttpRequestException">Refused, not reached, or not an answer of this API.</exception>
    public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var token = await options.Token(cancellationToken).ConfigureAwait(false);
        var url = options.NextUrl?.Invoke() ?? options.Url;
        var scheme = url.Scheme is "https" or "wss" ? "https" : "http";
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(url) { Scheme = scheme, Path = "/api/rooms" }.Uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await (options.Http ?? _own.Value).SendAsync(request, cancellationToken).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        try
        {
            using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            return [.. json.RootElement.GetProperty("rooms").EnumerateArray().Select(room => room.GetString()!)];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new HttpRequestException("The answer is no list of rooms.", exception);
        }
    }

    public void Dispose()
    {
        if (_own.IsValueCreated)
        {
            _own.Value.Dispose();
        }
    }
}
