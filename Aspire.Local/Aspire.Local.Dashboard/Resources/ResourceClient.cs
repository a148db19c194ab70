using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aspire.Local.ResourceService;

namespace Aspire.Local.Dashboard.Resources;

/// <summary>The three requests that the AppHost answers.</summary>
internal sealed class ResourceClient(HttpClient http)
{
    public IAsyncEnumerable<ResourceChangeDto> WatchResourcesAsync(CancellationToken cancellationToken) =>
        LinesAsync("v1/resources", ResourceServiceJson.Default.ResourceChangeDto, cancellationToken);

    public IAsyncEnumerable<LogLineDto> WatchLogsAsync(string resourceId, CancellationToken cancellationToken) =>
        LinesAsync($"v1/resources/{Uri.EscapeDataString(resourceId)}/logs", ResourceServiceJson.Default.LogLineDto, cancellationToken);

    /// <returns>An unsuccessful result also when the AppHost cannot be reached.</returns>
    public async Task<CommandResultDto> ExecuteAsync(string resourceId, string command, CancellationToken cancellationToken)
    {
        try
        {
            var path = $"v1/resources/{Uri.EscapeDataString(resourceId)}/commands/{Uri.EscapeDataString(command)}";
            using var response = await http.PostAsync(path, content: null, cancellationToken);
            var result = await response.Content.ReadFromJsonAsync(ResourceServiceJson.Default.CommandResultDto, cancellationToken);
            return result ?? new CommandResultDto(false, $"The AppHost answered {(int)response.StatusCode}.");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException)
        {
            return new CommandResultDto(false, $"The AppHost did not answer: {e.Message}");
        }
    }

    private async IAsyncEnumerable<T> LinesAsync<T>(
        string path, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0 && JsonSerializer.Deserialize(line, type) is { } item)
            {
                yield return item;
            }
        }
    }
}
