using System.Net.Http.Json;
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
        using var response = await http.PostAsJsonAsync(new Uri(url, "/api/login"), new { user }, cancellationToken);
        response.EnsureSuccessStatusCode();
        var login = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return login.GetProperty("token").GetString()!;
    }
}
