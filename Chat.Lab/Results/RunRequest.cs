namespace Chat.Lab.Results;

/// <summary>What to run.</summary>
/// <param name="Experiments">Ids.</param>
/// <param name="Without">Protections of <c>log</c> to take away from every cell.</param>
/// <param name="Ablations">Also run each protection's own experiment without it.</param>
internal sealed record RunRequest(
    IReadOnlyList<string> Experiments,
    IReadOnlyList<string> Strategies,
    LabParameters Parameters,
    IReadOnlyList<string> Without,
    bool Ablations);
