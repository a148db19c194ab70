using System.Security.Claims;
using System.Text;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Chat.Node.Access;

/// <summary>
/// Checks tokens: our own, which any node can check, or those of a standard issuer. Signs them for the development sign-in.
/// </summary>
internal sealed class TokenService
{
    private const string Issuer = "chat";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _validation;
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;

    public TokenService(IOptions<NodeOptions> options, TimeProvider time)
    {
        (_options, _time) = (options.Value, time);
        _validation = _options.TokenAuthority is { } authority ? ForAuthority(new Uri(authority)) : ForOwnKey();
        _validation.LifetimeValidator = (notBefore, expires, _, _) =>
            expires is not null && time.GetUtcNow().UtcDateTime < expires
            && (notBefore is null || notBefore <= time.GetUtcNow().UtcDateTime + ClockSkew);
    }

    /// <summary>Whether we sign tokens ourselves.</summary>
    public bool Issues => _options.TokenAuthority is null;

    public (string Token, DateTimeOffset ExpiresAt) Issue(string user)
    {
        var now = _time.GetUtcNow();
        var expires = now + _options.TokenLifetime;
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Issuer,
            Subject = new ClaimsIdentity([new Claim(JwtRegisteredClaimNames.Sub, user)]),
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            SigningCredentials = new SigningCredentials(OwnKey(), SecurityAlgorithms.HmacSha256),
        });
        return (token, expires);
    }

    /// <returns>Null when it is missing, forged, expired, or names no valid user.</returns>
    /// <exception cref="TokenCheckException">The issuer does not answer: nothing is known of the token.</exception>
    public async Task<AccessToken?> CheckAsync(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        if (_validation.ConfigurationManager is { } issuer)
        {
            await RequireKeysAsync(issuer);
        }

        var result = await _handler.ValidateTokenAsync(token, _validation);
        return result.IsValid && result.SecurityToken is JsonWebToken jwt
            && jwt.TryGetPayloadValue(Issues ? JwtRegisteredClaimNames.Sub : _options.TokenUserClaim, out string user) && RoomName.IsValidUser(user)
            ? new AccessToken(user, new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero), IsAdmin(jwt))
            : null;
    }

    // Read once and kept; without this, an issuer that is away would look like a forged token.
    private static async Task RequireKeysAsync(BaseConfigurationManager issuer)
    {
        try
        {
            await issuer.GetBaseConfigurationAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or HttpRequestException)
        {
            throw new TokenCheckException("The issuer's keys cannot be read.", exception);
        }
    }

    private SymmetricSecurityKey OwnKey() => new(Encoding.UTF8.GetBytes(_options.TokenKey));

    private TokenValidationParameters ForOwnKey() => new()
    {
        IssuerSigningKey = OwnKey(),
        ValidIssuer = Issuer,
        ValidAudience = Issuer,
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
    };

    private TokenValidationParameters ForAuthority(Uri authority)
    {
        var metadata = new Uri(authority.AbsoluteUri.TrimEnd('/') + "/.well-known/openid-configuration");
        return new TokenValidationParameters
        {
            ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
                metadata.AbsoluteUri,
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever { RequireHttps = !authority.IsLoopback }),
            ValidAudience = _options.TokenAudience,

            // An issuer's public key must never be taken for a shared secret.
            ValidAlgorithms =
            [
                SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
                SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384,
            ],
        };
    }

    private static bool IsAdmin(JsonWebToken token) => token.Claims.Any(claim => claim is { Type: "role", Value: "admin" });
}
