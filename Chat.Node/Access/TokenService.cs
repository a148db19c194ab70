using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Chat.Node.Control;
using Chat.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Chat.Node.Access;

/// <summary>
/// Checks tokens: our own, which any node can check, or those of a standard issuer. Signs them for the development sign-in.
/// </summary>
internal sealed partial class TokenService
{
    private const string Issuer = "chat";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _validation;
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;
    private readonly Revocations? _revocations;
    private readonly ILogger _logger;

    /// <param name="revocations">Null: every token counts that is signed and has not expired.</param>
    public TokenService(
        IOptions<NodeOptions> options, TimeProvider time, Revocations? revocations = null, ILogger<TokenService>? logger = null)
    {
        (_options, _time, _revocations) = (options.Value, time, revocations);
        _logger = logger ?? NullLogger<TokenService>.Instance;
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
            Subject = new ClaimsIdentity([new Claim(JwtRegisteredClaimNames.Sub, user), new Claim(JwtRegisteredClaimNames.Jti, NewId())]),
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            SigningCredentials = new SigningCredentials(OwnKey(), SecurityAlgorithms.HmacSha256),
        });
        return (token, expires);
    }

    /// <returns>Null when it is missing, forged, expired, revoked, or names no valid user: <see cref="WhyRefused"/> has a word for it.</returns>
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
        if (!result.IsValid || result.SecurityToken is not JsonWebToken jwt)
        {
            return null;
        }

        if (UserOf(jwt) is not { } user || !RoomName.IsValidUser(user))
        {
            LogNoUser(UserClaim, Shorten(UserOf(jwt)));
            return null;
        }

        var access = new AccessToken(
            user, new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero), IsAdmin(jwt), IdOf(jwt), new DateTimeOffset(jwt.IssuedAt, TimeSpan.Zero));
        return _revocations is not null && await _revocations.IsRevokedAsync(access, CancellationToken.None) ? null : access;
    }

    /// <summary>What to tell whoever holds a token that was refused. Nothing in it has been checked: it is told to nobody else.</summary>
    public string WhyRefused(string? token) =>
        string.IsNullOrEmpty(token) ? "bad token: there is none"
        : _handler.CanReadToken(token) && _handler.ReadJsonWebToken(token) is var jwt && (UserOf(jwt) is not { } user || !RoomName.IsValidUser(user))
            ? $"bad token: its claim {UserClaim} is no user id (1-64 of letters, digits, - _ .)"
        : "bad token";

    private string UserClaim => Issues ? JwtRegisteredClaimNames.Sub : _options.TokenUserClaim;

    private string? UserOf(JsonWebToken token) => token.TryGetPayloadValue(UserClaim, out string user) ? user : null;

    private static string? IdOf(JsonWebToken token) => token.Id is { Length: > 0 } id ? id : null;

    private static string Shorten(string? user) => user is null ? "" : user[..Math.Min(user.Length, 2 * RoomName.LengthMax)];

    private static string NewId() => RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", 16);

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

    private bool IsAdmin(JsonWebToken token) => token.Claims.Any(claim => claim.Type == _options.TokenRoleClaim && claim.Value == _options.AdminRole);

    [LoggerMessage(LogLevel.Warning, "A valid token is refused: its claim {Claim} is \"{User}\", and a user id is 1-64 of letters, digits, - _ . : see Chat:TokenUserClaim")]
    private partial void LogNoUser(string claim, string user);
}
