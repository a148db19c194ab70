using System.Globalization;

namespace Chat.Tests.Cluster;

/// <summary>How long and how a randomized run goes: from the environment, so that one is repeated by a command.</summary>
internal sealed record ChaosSettings(int Seed, TimeSpan Duration)
{
    private const string SeedVariable = "CHAT_CHAOS_SEED";
    private const string SecondsVariable = "CHAT_CHAOS_SECONDS";
    private const double DefaultSeconds = 30;

    public static ChaosSettings FromEnvironment() => new(
        int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var seed)
            ? seed
            : Random.Shared.Next(),
        TimeSpan.FromSeconds(
            double.TryParse(Environment.GetEnvironmentVariable(SecondsVariable), CultureInfo.InvariantCulture, out var seconds)
                ? seconds
                : DefaultSeconds));

    /// <summary>What to type to have the same faults and the same deeds again.</summary>
    /// <param name="test">The method's name.</param>
    public string Command(string test) => string.Create(
        CultureInfo.InvariantCulture,
        $"{SeedVariable}={Seed} {SecondsVariable}={Duration.TotalSeconds} dotnet test --project Chat.Tests -- --filter-method \"*{test}*\"");
}
