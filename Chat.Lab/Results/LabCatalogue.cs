namespace Chat.Lab.Results;

/// <summary>All that can be run, by name.</summary>
/// <param name="Protections">Of <c>log</c>, as <c>--without</c> takes them.</param>
/// <param name="Subsets">Ids of experiments by the name of the subset: <c>ci</c>.</param>
internal sealed record LabCatalogue(
    IReadOnlyList<ExperimentSummary> Experiments,
    IReadOnlyList<string> Strategies,
    IReadOnlyList<string> Protections,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Subsets);
