using System.Collections.Concurrent;
using Chat.Node.Access;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Control;

/// <summary>
/// Tokens that count no longer although they are signed and have not expired: single ones, by their id, or all of a user that were
/// issued before a time. Kept in Redis, asked for wherever a token is checked, and told to all nodes, which end the connections that
/// live by such a token. A node that did not hear of it reads it after its next reconnect to Redis, or the next time it looks.
/// </summary>
internal sealed partial class Revocations(
    RedisCalls redis, ConnectionTable connections, IOptions<NodeOptions> options, TimeProvider time, ILogger<Revocations> logger)
{
    private const string Reason = "the token was revoked";

    /// <summary>Sorted set: what was revoked lately, by when, Unix ms.</summary>
    private static readonly RedisKey Recent = "chat:revocations";

    private readonly RedisScript _tell = new("kick.lua");

    /// <summary>Accepted while Redis could not be asked.</summary>
    private readonly ConcurrentQueue<AccessToken> _unchecked = new();

    /// <summary>No token of the user counts that was issued before then. A time to come keeps the user out until then.</summary>
    /// <exception cref="BackplaneUnavailableException">Not known to have happened: again.</exception>
    public async Task RevokeUserAsync(string user, DateTimeOffset notBefore, string reason, CancellationToken cancellationToken)
    {
        LogUser(user, notBefore);
        var ms = notBefore.ToUnixTimeMilliseconds();
        var ahead = notBefore > time.GetUtcNow() ? notBefore - time.GetUtcNow() : TimeSpan.Zero;
        await redis.RunAsync(
            redis.Database.StringSetAsync(UserKey(user), ms, ahead + options.Value.RevocationMemory), cancellationToken);
        await TellAsync($"u {user}", new RevokeMessage(null, user, ms, reason), cancellationToken);
    }

    /// <inheritdoc cref="RevokeUserAsync"/>
    /// <param name="tokenId">Its claim <c>jti</c>.</param>
    public async Task RevokeTokenAsync(string tokenId, string reason, CancellationToken cancellationToken)
    {
        LogToken(tokenId);
        await redis.RunAsync(redis.Database.StringSetAsync(TokenKey(tokenId), 1, options.Value.RevocationMemory), cancellationToken);
        await TellAsync($"t {tokenId}", new RevokeMessage(tokenId, null, 0, reason), cancellationToken);
    }

    /// <summary>What was revoked of the user counts again; a single token does not.</summary>
    /// <exception cref="BackplaneUnavailableException">Not known to have happened: again.</exception>
    public Task PardonAsync(string user, CancellationToken cancellationToken) =>
        redis.RunAsync(redis.Database.KeyDeleteAsync(UserKey(user)), cancellationToken);

    /// <summary>
    /// While Redis does not answer no token is found to be revoked: whoever comes in then can neither join nor send, and is asked about as
    /// soon as Redis is back.
    /// </summary>
    public async Task<bool> IsRevokedAsync(AccessToken token, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(token, cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            if (_unchecked.Count < options.Value.LeftoversMax)
            {
                _unchecked.Enqueue(token);
            }

            return false;
        }
    }

    public void Apply(RevokeMessage revoke)
    {
        if (revoke.User is not null)
        {
            End(connections.Of(revoke.User), token => IsBefore(token, revoke.NotBeforeMs), revoke.Reason);
        }
        else
        {
            End(connections.All, token => token.Id == revoke.TokenId, revoke.Reason);
        }
    }

    /// <summary>Reads what may not have been heard.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: again.</exception>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var entry in await redis.RunAsync(redis.Database.SortedSetRangeByRankAsync(Recent), cancellationToken))
        {
            switch (entry.ToString().Split(' '))
            {
                case ["u", var user]:
                    await LookAsync(user, cancellationToken);
                    break;
                case ["t", var id]:
                    Apply(new RevokeMessage(id, null, 0, Reason));
                    break;
            }
        }

        for (var left = _unchecked.Count; left > 0 && _unchecked.TryPeek(out var token); left--)
        {
            var revoked = await AskAsync(token, cancellationToken);
            _unchecked.TryDequeue(out _);
            if (revoked)
            {
                End(connections.Of(token.User), other => other == token, Reason);
            }
        }
    }

    // The list says whom to ask for: it may have been pardoned since.
    private async Task LookAsync(string user, CancellationToken cancellationToken)
    {
        foreach (var token in connections.Of(user).Select(connection => connection.Token).Distinct())
        {
            if (await AskAsync(token, cancellationToken))
            {
                End(connections.Of(user), other => other == token, Reason);
            }
        }
    }

    private static RedisKey UserKey(string user) => $"chat:{{user:{user}}}:revoked";

    private static RedisKey TokenKey(string tokenId) => $"chat:{{token:{tokenId}}}:revoked";

    private static bool IsBefore(AccessToken token, long notBeforeMs) => token.IssuedAt.ToUnixTimeMilliseconds() < notBeforeMs;

    private static void End(IEnumerable<Connection> connections, Func<AccessToken, bool> isRevoked, string reason)
    {
        foreach (var connection in connections.Where(connection => isRevoked(connection.Token)))
        {
            connection.Close(CloseCode.Kicked, reason);
        }
    }

    private async Task<bool> AskAsync(AccessToken token, CancellationToken cancellationToken)
    {
        var user = redis.Database.StringGetAsync(UserKey(token.User));
        var single = token.Id is null ? Task.FromResult(false) : redis.Database.KeyExistsAsync(TokenKey(token.Id));
        var notBefore = await redis.RunAsync(user, cancellationToken);
        return await redis.RunAsync(single, cancellationToken) || (notBefore.TryParse(out long ms) && IsBefore(token, ms));
    }

    private Task<RedisResult> TellAsync(string entry, RevokeMessage message, CancellationToken cancellationToken) => redis.RunAsync(
        _tell.EvaluateAsync(
            redis.Database,
            [Recent],
            [ControlChannel.Name, entry, ControlMessage.Encode(message), (long)options.Value.KickMemory.TotalMilliseconds]),
        cancellationToken);

    [LoggerMessage(LogLevel.Information, "Tokens of {User} that were issued before {NotBefore} are revoked")]
    private partial void LogUser(string user, DateTimeOffset notBefore);

    [LoggerMessage(LogLevel.Information, "Token {TokenId} is revoked")]
    private partial void LogToken(string tokenId);
}
