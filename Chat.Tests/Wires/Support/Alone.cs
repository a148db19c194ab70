namespace Chat.Tests.Wires.Support;

/// <summary>Tests about what the whole process has run when nothing else does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Wires: descriptors of the process";
}
