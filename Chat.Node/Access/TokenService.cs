using System.Security.Claims;
using System.Text;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Chat.Node.Access;

/// <summary>Signs tokens for the development sign-in, and checks tokens. Any node checks what any other signed.</summary>
internal sealed class TokenService
{
    private const string Issuer = "chat";

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly SigningCredentials _signing;
    private readonly TokenValidationParameters _validation;
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;

    public TokenService(IOptions<NodeOptions> options, TimeProvider time)
    {
        (_options, _time) = (options.Value, time);
        var key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(_options.TokenKey));
        _signing = new SigningCredentials(key, SecurityAlgorithms.HmacSha256);
        _validation = new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidIssuer = Issuer,
            ValidAudience = Issuer,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            LifetimeValidator = (notBefore, expires, _, _) =>
                expires is not null && time.GetUtcNow().UtcDateTime < expires
                && (notBefore is null || notBefore <= time.GetUtcNow().UtcDateTime + TimeSpan.FromMinutes(1)),
        };
    }

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
            SigningCredentials = _signing,
        });
        return (token, expires);
    }

    /// <returns>Null when it is missing, forged, expired, or names no valid user.</returns>
    public async Task<AccessToken?> CheckAsync(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        var result = await _handler.ValidateTokenAsync(token, _validation);
        return result.IsValid && result.SecurityToken is JsonWebToken { Subject: { } user } jwt && RoomName.IsValidUser(user)
            ? new AccessToken(user, new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero), IsAdmin(jwt))
            : null;
    }

    private static bool IsAdmin(JsonWebToken token) => token.Claims.Any(claim => claim is { Type: "role", Value: "admin" });
}
