using System.Globalization;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>The command that repeats something.</summary>
internal static class CommandLine
{
    public static string For(string experiment, string strategy, LabParameters parameters, IReadOnlyList<string> without) => string.Create(
        CultureInfo.InvariantCulture,
        $"dotnet run --project Chat.Lab -- run {experiment} --strategy {strategy} --seed {parameters.Seed} --seconds {parameters.Seconds} --clients {parameters.Clients} --nodes {parameters.Nodes} --redis {parameters.Redis}{string.Concat(without.Select(protection => $" --without {protection}"))}");
}
