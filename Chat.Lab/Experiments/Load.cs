using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>Who is there and how much they write.</summary>
/// <param name="Clients">Users, each with one connection.</param>
/// <param name="Rooms">User number i is in room number i modulo this; with <paramref name="Direct"/>, pairs talk alone.</param>
/// <param name="MessagesPerSecond">Of all together, each from somebody at random.</param>
/// <param name="TextBytes">0: the text is the message's id.</param>
/// <param name="OwnLinks">So many of the first users have a fault proxy of their own.</param>
/// <param name="Direct">Users 2i and 2i + 1 share a direct room.</param>
/// <param name="BackoffSeconds">The longest first wait before a client comes back.</param>
internal sealed record Load(int Clients, int Rooms, double MessagesPerSecond, int TextBytes = 0, int OwnLinks = 0, bool Direct = false, double BackoffSeconds = 0.1)
{
    public static Load Of(LabParameters parameters) => new(parameters.Clients, Math.Max(1, parameters.Clients / 6), 60);

    public static string UserOf(int index) => $"user-{index}";

    public string RoomOf(int index) => Direct
        ? $"dm:{Ordered(UserOf(index & ~1), UserOf(index | 1))}"
        : $"room-{index % Rooms}";

    private static string Ordered(string a, string b) => string.CompareOrdinal(a, b) < 0 ? $"{a}:{b}" : $"{b}:{a}";
}
