using Chat.Lab.Mutants;

namespace Chat.Lab.Reporting;

/// <summary>What came of a mutant, in a line.</summary>
internal static class MutantText
{
    public static string Line(MutantResult result)
    {
        var name = result.Mutant?.Name ?? "control";
        var found = result.Mutant is { } mutant
            ? result.Cell.Broken.FirstOrDefault(promise => promise.Kind == mutant.Promise && promise.What == mutant.What)
            : null;
        var said = (result.Cell.Error, result.Mutant, found) switch
        {
            ({ } error, _, _) => $"could not be run: {error}",
            (_, null, _) => result.IsRight ? "nothing found" : $"is right, and this was found: {string.Join("; ", result.Cell.Broken)}",
            (_, _, { } promise) => $"found: {promise}",
            var (_, missed, _) => $"NOT FOUND: {missed.Does}. Found instead: {string.Join("; ", result.Cell.Broken.Select(promise => promise.ToString()).DefaultIfEmpty("nothing"))}",
        };
        return $"{(result.IsRight ? "ok" : "no"),-3} {name,-17} {said} ({Amounts.Duration(result.Cell.TookSeconds)})";
    }
}
