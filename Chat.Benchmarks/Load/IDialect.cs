namespace Chat.Benchmarks.Load;

/// <summary>How one speaks with a kind of server. Everything is the payload of a text frame.</summary>
internal interface IDialect
{
    /// <summary>The request that opens a connection, with its headers and the empty line.</summary>
    byte[] Request(string user, string? room);

    /// <summary>What a client says first.</summary>
    /// <param name="room">Null: it only connects.</param>
    IReadOnlyList<byte[]> Opening(string? room);

    byte[] Send(string room, string id, string text);

    Heard Classify(ReadOnlySpan<byte> payload);

    /// <summary>What is said to <see cref="Heard.Ping"/>; null for nothing.</summary>
    byte[]? Pong { get; }
}

internal enum Heard
{
    /// <summary>It is connected, and in the room if it wanted to be in one.</summary>
    Ready,
    Message,
    Ping,

    /// <summary>The server's first word: which it is.</summary>
    Hello,

    /// <summary>Whoever gets this is to come back elsewhere.</summary>
    Drain,

    /// <summary>A message was not taken.</summary>
    Refusal,
    Other,
}
