using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chat.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.EndToEnd;

/// <summary>
/// A site with the built page in it, on an origin of its own. People sign in at it, and it issues the tokens that nodes check by its
/// public key (OpenID Connect, RS256).
/// </summary>
internal sealed class PageSite : IAsyncDisposable
{
    public const string Audience = "chat-api";

    private const string Cookie = "signed-in-as";

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("chat-site-");
    private readonly RSA _key = RSA.Create(2048);
    private readonly WebApplication _app;

    private PageSite(WebApplication app) => _app = app;

    /// <summary>Ends with a slash: it is the issuer's name as well.</summary>
    public Uri Url => new(_app.Urls.First() + "/");

    /// <summary>As browsers write it.</summary>
    public string Origin => Url.GetLeftPart(UriPartial.Authority);

    /// <summary>Tokens it has given so far.</summary>
    public int Tokens { get; private set; }

    /// <param name="also">What the site does besides.</param>
    public static async Task<PageSite> StartAsync(Action<WebApplication>? also = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseWebSockets();
        var site = new PageSite(app);
        app.UseFileServer(new FileServerOptions { FileProvider = new PhysicalFileProvider(site._files.FullName) });
        app.MapGet("/sign-in", site.SignIn);
        app.MapPost("/chat-token", site.Grant);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = site.Url, jwks_uri = new Uri(site.Url, "keys") }));
        app.MapGet("/keys", site.Keys);
        also?.Invoke(app);
        await app.StartAsync();
        return site;
    }

    /// <summary>Builds the page as its README says.</summary>
    /// <param name="server">Where nodes or balancer are; null for this site's own origin, with the development sign-in.</param>
    public async Task BuildAsync(Uri? server)
    {
        Tool.RequireNpm();
        var folder = Path.Combine(Tool.RepositoryFolder, "chat-web");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            await RunAsync(folder, [], "npm", "ci", "--no-audit", "--no-fund");
        }

        (string, string)[] settings = server is null
            ? []
            : [("CHAT_SERVER_URL", server.ToString()), ("CHAT_TOKEN_URL", "/chat-token"), ("CHAT_SIGN_IN_URL", "/sign-in")];
        await RunAsync(folder, settings, "npx", "vite", "build", "--outDir", _files.FullName, "--emptyOutDir");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        _files.Delete(recursive: true);
    }

    private static async Task RunAsync(string folder, (string Name, string Value)[] settings, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await Within.Seconds(240, process.WaitForExitAsync, $"{program} {arguments[0]} has ended");
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}:\n{await output}\n{await errors}");
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    /// <summary>Where a real site would ask for a password.</summary>
    private IResult SignIn(HttpContext context, string user, string return_to)
    {
        context.Response.Cookies.Append(Cookie, user);
        return Results.Redirect(return_to);
    }

    private IResult Grant(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { } user)
        {
            return Results.Unauthorized();
        }

        Tokens++;
        return Results.Json(new { user, token = TokenFor(user) });
    }

    private string TokenFor(string user)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var head = JsonSerializer.SerializeToUtf8Bytes(new { alg = "RS256", typ = "JWT", kid = "site" });
        var body = JsonSerializer.SerializeToUtf8Bytes(new { iss = Url, aud = Audience, sub = user, iat = now, exp = now + 300 });
        var signed = $"{Encode(head)}.{Encode(body)}";
        return $"{signed}.{Encode(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private IResult Keys()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "site", n = Encode(key.Modulus), e = Encode(key.Exponent) } } });
    }
}
