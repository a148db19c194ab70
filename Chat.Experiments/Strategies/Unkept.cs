using Chat.Node.Backplane;
using Chat.Protocol;

namespace Chat.Experiments.Strategies;

/// <summary>What the strategies answer that keep no message once it is delivered.</summary>
internal static class Unkept
{
    public static Task<IReadOnlyList<string>> Rooms { get; } = Task.FromResult<IReadOnlyList<string>>([]);

    public static Task<HistoryPage> History { get; } = Task.FromResult(new HistoryPage([], More: false));

    /// <summary>Nobody can say what came after a position: only who asks for none has missed nothing.</summary>
    public static Task<CatchUp> ReadAfter(string epoch, Position? after) =>
        Task.FromResult(new CatchUp(new Position(epoch, Position.Unnumbered), Recovered: after is null, []));
}
