using Chat.Node.Access;
using Chat.Node.Presence;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Node.Connections;

/// <summary>A connection lives as long as its token; a newer one in band lets it live on.</summary>
internal sealed class TokenRefresh(TokenService tokens, UserConnections users)
{
    /// <returns>What is wrong with the token; null when nothing is. A token that ends earlier than the present one changes nothing.</returns>
    public async Task<ErrorFrame?> HandleAsync(Connection connection, RefreshFrame refresh, CancellationToken cancellationToken)
    {
        var token = await tokens.CheckAsync(refresh.Token);
        if (token is null || token.User != connection.User)
        {
            return new ErrorFrame(ErrorCode.BadToken, "Not a valid token of this user. The present one stays in force until it expires.");
        }

        if (token.ExpiresAt > connection.Token.ExpiresAt)
        {
            connection.Renew(token);
            await users.AdmitAsync(connection, cancellationToken);
        }

        return null;
    }
}
