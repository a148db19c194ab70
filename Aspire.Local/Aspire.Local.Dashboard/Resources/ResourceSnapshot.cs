using System.Collections.Immutable;
using Aspire.Local.ResourceService;

namespace Aspire.Local.Dashboard.Resources;

public enum AppHostState
{
    /// <summary>The dashboard runs alone: nobody told it of an AppHost.</summary>
    None,
    Connecting,
    Connected,

    /// <summary>It was there and is not: what is shown is the last that was known.</summary>
    Gone,
}

/// <summary>What is known of the AppHost's resources at one moment.</summary>
/// <param name="Since">When the state began.</param>
internal sealed record ResourceSnapshot(
    long Version, AppHostState State, DateTimeOffset Since, ImmutableSortedDictionary<string, ResourceDto> ById)
{
    public ResourceSnapshot Apply(ResourceChangeDto change) => this with
    {
        Version = Version + 1,
        ById = change.Kind switch
        {
            "snapshot" => ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal, (change.Resources ?? []).Select(r => KeyValuePair.Create(r.Id, r))),
            "upsert" => ById.SetItems((change.Resources ?? []).Select(r => KeyValuePair.Create(r.Id, r))),
            "remove" when change.Id is { } id => ById.Remove(id),
            _ => ById,
        },
    };

    public ResourceSnapshot In(AppHostState state, DateTimeOffset now) =>
        state == State ? this : this with { Version = Version + 1, State = state, Since = now };
}
