// Answers whoever writes "!echo something" in a room: EchoBot [url] [room] [user]
using Chat.Client;
using Microsoft.Extensions.Logging;

var url = new Uri(args.ElementAtOrDefault(0) ?? "http://localhost:8080");
var roomName = args.ElementAtOrDefault(1) ?? "lobby";
var user = args.ElementAtOrDefault(2) ?? "echo";

using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
using var http = new HttpClient();
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

await using var chat = new ChatClient(
    new ChatClientOptions
    {
        Url = url,
        Token = DevelopmentLogin.For(http, url, user),
        OutboxStore = new FileOutboxStore(Path.Combine(Path.GetTempPath(), $"echobot-{user}.outbox"), loggers.CreateLogger<FileOutboxStore>()),
    },
    loggers.CreateLogger<ChatClient>());

try
{
    var room = await chat.JoinAsync(roomName, stop.Token);
    Console.WriteLine($"{chat.User} is in {room.Name} on node {chat.Status.Node}, with {room.MemberCount - 1} others.");
    await foreach (var message in room.ReadMessagesAsync(stop.Token))
    {
        room.MarkRead(message.Offset);
        if (message.Author != chat.User && message.Text.StartsWith("!echo ", StringComparison.Ordinal))
        {
            // The id follows from the message that is answered: should the bot see it again after a restart, the answer is stored once.
            var answer = new OutgoingMessage(message.Text["!echo ".Length..]) { Id = $"echo-{message.Epoch}-{message.Offset}" };
            var position = await room.SendAsync(answer, stop.Token);
            Console.WriteLine($"Answered {message.Author}, stored at {position.Offset}.");
        }
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine("Stopped.");
}
catch (ChatException exception)
{
    Console.Error.WriteLine($"{exception.Code}: {exception.Message}");
    return 1;
}

return 0;
