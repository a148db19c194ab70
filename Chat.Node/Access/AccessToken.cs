namespace Chat.Node.Access;

/// <summary>What a checked token says.</summary>
/// <param name="IsAdmin">It has the role of those who run the chat.</param>
/// <param name="Id">By which it alone can be revoked; null when it has none.</param>
/// <param name="IssuedAt">The beginning of time when it does not say.</param>
internal sealed record AccessToken(
    string User, DateTimeOffset ExpiresAt, bool IsAdmin = false, string? Id = null, DateTimeOffset IssuedAt = default);
