namespace Chat.Node.Access;

/// <summary>What a checked token says.</summary>
internal sealed record AccessToken(string User, DateTimeOffset ExpiresAt);
