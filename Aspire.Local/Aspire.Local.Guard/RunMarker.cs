namespace Aspire.Local.Guard;

/// <summary>The mark that every process of a run carries in its environment, and passes on to what it starts.</summary>
/// <remarks>
/// The value is a list of <c>run/instance</c>, each ended by a semicolon: a run that was started inside another run
/// keeps the outer mark, so that the end of the outer one ends it too.
/// </remarks>
internal static class RunMarker
{
    public const string Variable = "ASPIRE_LOCAL_RUN";

    /// <param name="inherited">The variable as this process has it, or null.</param>
    public static string Value(string? inherited, string run, string instance) =>
        inherited + Mark(run, instance);

    /// <summary>What to look for to find everything of one instance.</summary>
    public static string Mark(string run, string instance) => $"{run}/{instance};";

    /// <summary>What to look for to find everything of a run.</summary>
    public static string Mark(string run) => $"{run}/";
}
