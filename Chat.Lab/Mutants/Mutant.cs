using Chat.Lab.Checking;
using Chat.Lab.Results;

namespace Chat.Lab.Mutants;

/// <summary>A node that is wrong on purpose, and the promise that has to find it.</summary>
/// <param name="Name">As Chat.Mutants knows it.</param>
/// <param name="What">The promise's own words.</param>
internal sealed record Mutant(string Name, string Does, PromiseKind Promise, string What)
{
    /// <summary>A node as it is, run by the same program: nothing may be found in it.</summary>
    public const string Control = "none";

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new("refuse-all", "takes nothing", PromiseKind.Liveness, Judgement.AckedShare),
        new("answer-late", "takes its time over every message", PromiseKind.Latency, Judgement.AckP99),
        Of("ack-unstored", "acks some messages that it does not store", PromiseKind.AckedMeansStored, AnomalyKind.AckedButLost),
        Of("ack-elsewhere", "names another position in some acks", PromiseKind.AckedMeansStored, AnomalyKind.AckedElsewhere),
        Of("change-text", "stores some messages with another text", PromiseKind.AckedMeansStored, AnomalyKind.TextChanged),
        Of("store-twice", "stores some messages again", PromiseKind.RetriesAreSafe, AnomalyKind.StoredTwice),
        Of("drop-some", "delivers one message in twenty to nobody", PromiseKind.NoHoles, AnomalyKind.WireHole),
        Of("swap-two", "delivers one message in twenty after the next", PromiseKind.OneOrder, AnomalyKind.WireDisorder),
        Of("send-twice", "delivers one message in twenty again", PromiseKind.NoRepeats, AnomalyKind.WireRepeat),
        Of("wrong-room", "delivers one message in twenty to another room, too", PromiseKind.RoomsAreApart, AnomalyKind.WrongRoom),
        Of("tell-falsely", "tells of a loss that is none", PromiseKind.NoFalseAlarm, AnomalyKind.FalseAlarm),
        Of("without-presence", "tells nobody who is there", PromiseKind.Presence, AnomalyKind.Unseen),
    ];

    private static Mutant Of(string name, string does, PromiseKind promise, AnomalyKind kind) => new(name, does, promise, Judgement.WhatOf(kind));
}

/// <summary>What came of one mutant.</summary>
/// <param name="Mutant">Null for the control.</param>
internal sealed record MutantResult(Mutant? Mutant, Cell Cell)
{
    /// <summary>The mutant was found by the promise that names it; in the control nothing was found.</summary>
    public bool IsRight => Cell.Error is null
        && (Mutant is null ? Cell.Broken.Count == 0 : Cell.Broken.Any(promise => promise.Kind == Mutant.Promise && promise.What == Mutant.What));
}
