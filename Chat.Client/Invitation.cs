namespace Chat.Client;

/// <summary>Somebody is in a direct room with this user, who is not: join it to see what they say.</summary>
public sealed record Invitation(string Room, string From);
