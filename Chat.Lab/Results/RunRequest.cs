namespace Chat.Lab.Results;

/// <summary>What is to be run: each of these experiments with each of these strategies for which it makes sense.</summary>
/// <param name="Experiments">Their ids, in the order of the catalogue.</param>
/// <param name="Strategies">In the order of the columns.</param>
/// <param name="Without">Protections of <c>log</c> that are switched off.</param>
/// <param name="Ablations">Whether <c>log</c> is also run with one protection taken away at a time.</param>
internal sealed record RunRequest(
    IReadOnlyList<string> Experiments,
    IReadOnlyList<string> Strategies,
    LabParameters Parameters,
    IReadOnlyList<string> Without,
    bool Ablations);
