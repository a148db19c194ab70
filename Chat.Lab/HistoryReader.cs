using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Chat.Client;
using Chat.Lab.Checking;
using Chat.Lab.Clients;
using Chat.Lab.Cluster;
using Chat.Lab.Processes;
using Chat.Protocol;

namespace Chat.Lab;

/// <summary>Reads what each room gives as its history, through the balancer as anybody would.</summary>
internal static class HistoryReader
{
    private const double PageSeconds = 30;
    private const int PageMessages = 50;

    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<LogEntry>>> ReadAsync(
        LabCluster cluster, Crowd crowd, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var history = new Dictionary<string, IReadOnlyList<LogEntry>>();
        foreach (var room in crowd.Clients.SelectMany(client => client.RoomNames).Distinct())
        {
            // A direct room shows its history to its two users alone.
            var reader = crowd.Clients.First(client => client.RoomNames.Contains(room)).User;
            var token = await DevelopmentLogin.LoginAsync(http, cluster.Balancer.Url, reader, cancellationToken);
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            history[room] = await ReadRoomAsync(http, cluster.Balancer.Url, room, cancellationToken);
        }

        return history;
    }

    private static async Task<LogEntry[]> ReadRoomAsync(HttpClient http, Uri url, string room, CancellationToken cancellationToken)
    {
        var pages = new Stack<LogEntry[]>();
        long? before = null;
        bool more;
        do
        {
            using var page = await Await.Seconds(
                PageSeconds, token => ReadPageAsync(http, url, room, before, token), $"a page of {room}", cancellationToken);
            var entries = page.RootElement.GetProperty("messages").EnumerateArray().ToArray();
            pages.Push([.. entries.Select(Read)]);
            more = entries.Length > 0 && page.RootElement.GetProperty("more").GetBoolean();
            before = more ? entries[0].GetProperty("offset").GetInt64() : null;
        }
        while (more);

        return [.. pages.SelectMany(page => page)];
    }

    private static LogEntry Read(JsonElement message) => new(
        new Position(message.GetProperty("epoch").GetString()!, message.GetProperty("offset").GetInt64()),
        message.GetProperty("author").GetString()!,
        message.GetProperty("id").GetString()!);

    private static async Task<JsonDocument> ReadPageAsync(HttpClient http, Uri url, string room, long? before, CancellationToken cancellationToken)
    {
        var query = before is null ? "" : $"&before={before}";
        while (true)
        {
            using var answer = await http.GetAsync(new Uri(url, $"/api/rooms/{room}/messages?limit={PageMessages}{query}"), cancellationToken);
            if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway))
            {
                answer.EnsureSuccessStatusCode();
                return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            }

            // The node is on its way back to Redis.
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }
}
