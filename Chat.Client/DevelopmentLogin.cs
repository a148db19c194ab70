using System.Net.Http.Headers;
using System.Text.Json;

namespace Chat.Client;

/// <summary>The sign-in of a development cluster: a name is enough.</summary>
public static class DevelopmentLogin
{
    /// <summary>For <see cref="ChatClientOptions.Token"/>: signs in anew at every connect.</summary>
    public static Func<CancellationToken, Task<string>> For(HttpClient http, Uri url, string user) =>
        cancellationToken => LoginAsync(http, url, user, cancellationToken);

    /// <exception cref="HttpRequestException">Refused or not reached.</exception>
    public static async Task<string> LoginAsync(HttpClient http, Uri url, string user, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(http);
        using var body = new StringContent($"{{\"user\":\"{JsonEncodedText.Encode(user)}\"}}");
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.PostAsync(new Uri(url, "/api/login"), body, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        using var login = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        return login.RootElement.GetProperty("token").GetString()!;
    }
}
