using System.Net.WebSockets;

// A service for the tests of the hosting: says who it is, and can be told to misbehave.
if (Environment.GetEnvironmentVariable("FAIL_AT_START") is { Length: > 0 } reason)
{
    Console.Error.WriteLine(reason);
    return 3;
}

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
var healthy = true;
app.UseWebSockets();
app.MapGet("/", () => Environment.GetEnvironmentVariable("OTEL_RESOURCE_ATTRIBUTES") ?? "");
app.MapGet("/health", () => healthy ? Results.Ok() : Results.StatusCode(503));
app.MapPost("/health/{value}", (bool value) => healthy = value);
app.MapGet("/env/{name}", (string name) => Environment.GetEnvironmentVariable(name) is { } value ? Results.Text(value) : Results.NotFound());
app.MapGet("/args", () => args);
app.MapPost("/exit/{code}", (int code) => Environment.Exit(code));
app.MapPost("/print/{text}", (string text) => Console.WriteLine(text));
app.Map("/echo", async context =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[4096];
    while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
    {
        await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
    }

    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
});
app.Run();
return 0;
