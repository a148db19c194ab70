using System.Globalization;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>The command that repeats something.</summary>
internal static class CommandLine
{
    /// <summary>A whole run; what is as it is by default stays unsaid.</summary>
    public static string For(RunRequest request, LabCatalogue catalogue)
    {
        var (told, usual) = (request.Parameters, LabParameters.Usual);
        string[] parts =
        [
            "dotnet run --project Chat.Lab -- run",
            request.Experiments.Count == catalogue.Experiments.Count ? "all" : string.Join(' ', request.Experiments),
            request.Strategies.Count == catalogue.Strategies.Count ? "" : $"--strategy {string.Join(' ', request.Strategies)}",
            $"--seed {told.Seed}",
            told.Seconds == usual.Seconds ? "" : string.Create(CultureInfo.InvariantCulture, $"--seconds {told.Seconds}"),
            told.Clients == usual.Clients ? "" : $"--clients {told.Clients}",
            told.Nodes == usual.Nodes ? "" : $"--nodes {told.Nodes}",
            told.Redis == usual.Redis ? "" : $"--redis {told.Redis}",
            told.Repeat == usual.Repeat ? "" : $"--repeat {told.Repeat}",
            .. request.Without.Select(protection => $"--without {protection}"),
            request.Ablations ? "--ablations" : "",
        ];
        return string.Join(' ', parts.Where(part => part.Length > 0));
    }

    /// <summary>One cell.</summary>
    public static string For(string experiment, string strategy, LabParameters parameters, IReadOnlyList<string> without) => string.Create(
        CultureInfo.InvariantCulture,
        $"dotnet run --project Chat.Lab -- run {experiment} --strategy {strategy} --seed {parameters.Seed} --seconds {parameters.Seconds} --clients {parameters.Clients} --nodes {parameters.Nodes} --redis {parameters.Redis}{(parameters.Repeat == 1 ? "" : $" --repeat {parameters.Repeat}")}{string.Concat(without.Select(protection => $" --without {protection}"))}");
}
