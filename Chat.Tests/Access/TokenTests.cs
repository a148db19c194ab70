using System.Security.Claims;
using System.Security.Cryptography;
using Chat.Node;
using Chat.Node.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Chat.Tests.Access;

public sealed class TokenTests
{
    private const string Key = "a-key-that-only-these-tests-know!";

    [Fact]
    public async Task Any_node_with_the_key_accepts_a_token_until_it_expires()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 4, 0, 0, TimeSpan.Zero));
        var options = new NodeOptions { TokenKey = Key, TokenLifetime = TimeSpan.FromMinutes(5) };
        var (token, expiresAt) = Service(options, time).Issue("ada");

        var checkedToken = await Service(options, time).CheckAsync(token);
        Assert.NotNull(checkedToken?.Id);
        Assert.Equal(new AccessToken("ada", expiresAt, Id: checkedToken.Id, IssuedAt: time.GetUtcNow()), checkedToken);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(await Service(options, time).CheckAsync(token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJpc3MiOiJjaGF0IiwiYXVkIjoiY2hhdCIsImV4cCI6OTk5OTk5OTk5OX0.")]
    public async Task What_is_not_signed_by_us_is_refused(string? token) =>
        Assert.Null(await Service(new NodeOptions { TokenKey = Key }, TimeProvider.System).CheckAsync(token));

    [Fact]
    public async Task A_token_of_another_key_is_refused()
    {
        var (token, _) = Service(new NodeOptions { TokenKey = $"{Key}{Key}" }, TimeProvider.System).Issue("ada");

        Assert.Null(await Service(new NodeOptions { TokenKey = Key }, TimeProvider.System).CheckAsync(token));
    }

    [Fact]
    public async Task With_an_authority_its_tokens_count_and_ours_do_not()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        var service = Service(
            new NodeOptions { TokenAuthority = issuer.Url, TokenAudience = "chat-api", TokenUserClaim = "preferred_username" }, TimeProvider.System);

        Assert.Equal("ada", (await service.CheckAsync(issuer.Issue("chat-api")))?.User);
        Assert.Null(await service.CheckAsync(issuer.Issue("another-api")));
        Assert.Null(await service.CheckAsync(Service(new NodeOptions { TokenKey = Key }, TimeProvider.System).Issue("ada").Token));
        Assert.False(service.Issues);
    }

    private static TokenService Service(NodeOptions options, TimeProvider time) => new(Options.Create(options), time);

    /// <summary>A real issuer on loopback: metadata, keys, and tokens signed with RSA.</summary>
    private sealed class OidcIssuer(WebApplication app, RsaSecurityKey key) : IAsyncDisposable
    {
        public string Url => app.Urls.Single();

        public static async Task<OidcIssuer> StartAsync()
        {
            var key = new RsaSecurityKey(RSA.Create(2048)) { KeyId = "k1" };
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var issuer = new OidcIssuer(app, key);
            app.MapGet("/.well-known/openid-configuration", () => new Dictionary<string, string> { ["issuer"] = issuer.Url, ["jwks_uri"] = $"{issuer.Url}/keys" });
            app.MapGet("/keys", () =>
            {
                var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(key.Rsa.ExportParameters(false)) { KeyId = key.KeyId });
                return new Dictionary<string, object> { ["keys"] = new[] { new Dictionary<string, string> { ["kty"] = jwk.Kty, ["kid"] = jwk.Kid, ["n"] = jwk.N, ["e"] = jwk.E } } };
            });
            await app.StartAsync(TestContext.Current.CancellationToken);
            return issuer;
        }

        public string Issue(string audience) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Url,
            Audience = audience,
            Subject = new ClaimsIdentity([new Claim("sub", "auth0|1234"), new Claim("preferred_username", "ada")]),
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
        });

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            key.Rsa.Dispose();
        }
    }
}
