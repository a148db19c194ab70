using System.Security.Claims;
using System.Text;
using Chat.Experiments;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Chat.Tests.Presence.Support;

/// <summary>A node in this process, on a free port of loopback.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public const string TokenKey = "the key of a test, long enough for HMAC-SHA256";

    private const string Anywhere = "--urls=http://127.0.0.1:0";

    private readonly WebApplication _app;

    private TestNode(WebApplication app) => _app = app;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <param name="settings">Names under <c>Chat</c>: <c>PresenceGrace=00:00:01</c>.</param>
    public static Task<TestNode> StartAsync(RedisServer redis, string id, params string[] settings) =>
        StartAsync(redis.ConnectionString, id, settings);

    /// <inheritdoc cref="StartAsync(RedisServer, string, string[])"/>
    /// <param name="redis">Where Redis is: <c>127.0.0.1:6379</c>.</param>
    public static Task<TestNode> StartAsync(string redis, string id, params string[] settings) => StartAsync(redis, id, settings, []);

    /// <inheritdoc cref="StartAsync(string, string, string[])"/>
    /// <param name="arguments">More of the command line, as it is.</param>
    public static Task<TestNode> StartAsync(string redis, string id, string[] settings, string[] arguments) =>
        StartAsync(NodeApp.Build([.. Arguments(redis, id, settings), Anywhere, .. arguments]));

    /// <summary>A node that is different on purpose.</summary>
    public static Task<TestNode> StartExperimentAsync(string redis, string id, params string[] settings) =>
        StartAsync(ExperimentApp.Build([.. Arguments(redis, id, settings), Anywhere]));

    public static string[] Arguments(string redis, string id, params string[] settings) =>
    [
        "--environment=Production",
        "--Logging:LogLevel:Default=Warning",
        "--Logging:LogLevel:StackExchange.Redis=None",
        $"--ConnectionStrings:redis={redis}",
        $"--Chat:NodeId={id}",
        $"--Chat:TokenKey={TokenKey}",
        .. settings.Select(setting => $"--Chat:{setting}"),
    ];

    public string Token(string user) => _app.Services.GetRequiredService<TokenService>().Issue(user).Token;

    /// <summary>A token as an issuer elsewhere would make it, with the same key.</summary>
    public static string TokenFor(string user, TimeSpan lifetime, string? role = null, string roleClaim = "role")
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "chat",
            Audience = "chat",
            Subject = new ClaimsIdentity(role is null ? [new Claim("sub", user)] : [new Claim("sub", user), new Claim(roleClaim, role)]),
            IssuedAt = now,
            NotBefore = now,
            Expires = now + lifetime,
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(TokenKey)), SecurityAlgorithms.HmacSha256),
        });
    }

    public static string AdminToken() => TokenFor("root", TimeSpan.FromMinutes(5), role: "admin");

    public Task<FramePeer> ConnectAsync(string user) => FramePeer.ConnectAsync(Url, Token(user));

    public async Task<FramePeer> JoinAsync(string user, string room)
    {
        var peer = await ConnectAsync(user);
        await peer.JoinAsync(room);
        return peer;
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task<TestNode> StartAsync(WebApplication app)
    {
        await app.StartAsync();
        return new TestNode(app);
    }
}
