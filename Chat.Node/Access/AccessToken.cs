namespace Chat.Node.Access;

/// <summary>What a checked token says.</summary>
/// <param name="IsAdmin">It has the role <c>admin</c>.</param>
internal sealed record AccessToken(string User, DateTimeOffset ExpiresAt, bool IsAdmin = false);
