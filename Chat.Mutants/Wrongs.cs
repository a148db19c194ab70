using Chat.Experiments;
using Chat.Node.Backplane;

namespace Chat.Mutants;

/// <summary>The ways in which a node can be wrong. Chat.Lab names for each the promise that has to find it.</summary>
internal static class Wrongs
{
    /// <summary>A node as it is: what is found in it would be found anywhere.</summary>
    public const string None = "none";

    private const string WithoutPresence = "without-presence";

    private static readonly Dictionary<string, Func<IBackplane, IBackplane>> Backplanes = new()
    {
        ["refuse-all"] = backplane => new RefuseAll(backplane),
        ["store-twice"] = backplane => new StoreTwice(backplane),
        ["ack-unstored"] = backplane => new AckUnstored(backplane),
        ["ack-elsewhere"] = backplane => new AckElsewhere(backplane),
        ["change-text"] = backplane => new ChangeText(backplane),
        ["answer-late"] = backplane => new AnswerLate(backplane),
        ["drop-some"] = backplane => new DropSome(backplane),
        ["swap-two"] = backplane => new SwapTwo(backplane),
        ["send-twice"] = backplane => new SendTwice(backplane),
        ["wrong-room"] = backplane => new WrongRoom(backplane),
        ["tell-falsely"] = backplane => new TellFalsely(backplane),
    };

    public static IReadOnlyCollection<string> All { get; } = [None, WithoutPresence, .. Backplanes.Keys];

    public static string[] SettingsOf(string name) => name == WithoutPresence ? ["--Chat:PresencePeriod=01:00:00", "--Chat:PresenceCountPeriod=01:00:00", "--Chat:PresenceShedPeriod=01:00:00"] : [];

    /// <summary>Puts the wrong backplane around the one that the node has.</summary>
    public static void Apply(string name, IServiceCollection services)
    {
        if (Backplanes.TryGetValue(name, out var wrap))
        {
            services.WrapBackplane((_, right) => wrap(right));
        }
    }
}
