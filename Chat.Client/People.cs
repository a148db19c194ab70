using System.Collections.Immutable;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>Who is in a room and up to where they have read, as far as the node has told. Each state is immutable.</summary>
/// <param name="Members">Null in a big room, and before the first answer.</param>
internal sealed record People(ImmutableHashSet<string>? Members, int Count, string Epoch, ImmutableDictionary<string, long> Read)
{
    public static People Unknown { get; } = new(null, 0, "", ImmutableDictionary<string, long>.Empty);

    /// <returns>The new state, and what that means for somebody who knew the old one; null when it means nothing.</returns>
    public (People Now, PresenceChanged? Change) Apply(JoinedFrame joined)
    {
        var members = joined.Members?.ToImmutableHashSet();
        var now = this with
        {
            Members = members,
            Count = joined.MemberCount ?? members?.Count ?? 0,
            Epoch = joined.Epoch,

            // Offsets of another log mean nothing here; within one, positions only grow.
            Read = Grow(joined.Epoch == Epoch ? Read : Unknown.Read, joined.Read ?? Unknown.Read),
        };
        return (now, Compare(now));
    }

    /// <inheritdoc cref="Apply(JoinedFrame)"/>
    public (People Now, PresenceChanged? Change) Apply(PresenceFrame presence)
    {
        var members = presence.MemberCount is null
            ? Members?.Except(presence.Left).Union(presence.Joined)
            : presence.Joined.Count > 0 ? presence.Joined.ToImmutableHashSet() : null;
        var now = this with { Members = members, Count = presence.MemberCount ?? members?.Count ?? Count };
        return (now, Compare(now));
    }

    /// <returns>This very state when the position is not a higher one.</returns>
    public People Apply(string user, long offset) =>
        Read.TryGetValue(user, out var known) && known >= offset ? this : this with { Read = Read.SetItem(user, offset) };

    private static ImmutableDictionary<string, long> Grow(
        ImmutableDictionary<string, long> known, IReadOnlyDictionary<string, long> positions) =>
        known.SetItems(positions.Where(position => !known.TryGetValue(position.Key, out var before) || before < position.Value));

    private PresenceChanged? Compare(People now)
    {
        var before = Members ?? [];
        var after = now.Members ?? [];
        var joined = now.Members is null ? [] : after.Except(before);
        var left = now.Members is null || Members is null ? [] : before.Except(after);
        return joined.Count + left.Count > 0 || now.Count != Count ? new PresenceChanged([.. joined], [.. left], now.Count) : null;
    }
}
