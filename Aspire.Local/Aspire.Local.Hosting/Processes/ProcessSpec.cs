namespace Aspire.Local.Hosting.Processes;

/// <summary>A process that is ready to start.</summary>
/// <param name="Source">What a person calls it: a project file, a command line.</param>
internal sealed record ProcessSpec(
    string FileName,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyList<VariableValue> Variables,
    string Source)
{
    /// <summary>Deleted when the process has ended.</summary>
    public string? TemporaryFolder { get; init; }
}

/// <param name="IsSecret">True when a secret is part of the value: it is not shown anywhere.</param>
internal sealed record VariableValue(string Name, string Value, bool IsSecret);
